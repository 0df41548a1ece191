# rejected by: calls_nothing_after_a_failure
# Calls the functions before the commit, which may still fail.
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
            if kind is None:
                for action in self.actions:
                    action()
                self.session.commit()
        finally:
            self.session.close()
