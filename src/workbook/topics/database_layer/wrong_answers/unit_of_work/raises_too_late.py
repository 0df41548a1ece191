# rejected by: calls_nothing_after_a_failure
# Keeps the commit's exception for the end, and calls the functions before.


class UnitOfWork:
    def __init__(self, make_session):
        self.session = make_session()
        self.actions = []

    def __enter__(self):
        return self

    def after_commit(self, action):
        self.actions.append(action)

    def __exit__(self, kind, error, trace):
        failed = None
        try:
            if kind is None:
                self.session.commit()
        except Exception as e:
            failed = e
        finally:
            self.session.close()
        if kind is None:
            for a in self.actions:
                a()
        if failed:
            raise failed
