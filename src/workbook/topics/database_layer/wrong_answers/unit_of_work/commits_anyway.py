# rejected by: keeps_nothing_of_what_failed
# Commits on every way out, like a context manager that only tidies up.
class UnitOfWork:
    def __init__(self, make_session):
        self.make_session = make_session

    def __enter__(self):
        self.session = self.make_session()
        self.actions = []
        return self

    def after_commit(self, action):
        self.actions.append(action)

    def __exit__(self, kind, error, trace):
        try:
            self.session.commit()
        finally:
            self.session.close()
        if kind is None:
            for action in self.actions:
                action()
