# rejected by: gives_the_connection_back
# Closes the session where the commit succeeds, and forgets the way on which it fails.
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
        if kind is not None:
            self.session.close()
            return
        self.session.commit()
        self.session.close()
        for action in self.actions:
            action()
