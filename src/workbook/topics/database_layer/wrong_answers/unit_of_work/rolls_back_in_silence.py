# rejected by: lets_the_exception_go_on
# Rolls back where the commit fails, and keeps to itself that it has.


class UnitOfWork:
    def __init__(self, make_session):
        self.session = make_session()
        self.actions = []

    def __enter__(self):
        return self

    def after_commit(self, action):
        self.actions.append(action)

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self.session.commit()
        except Exception:
            self.session.rollback()
            return
        finally:
            self.session.close()
        if kind is None:
            for a in self.actions:
                a()
