# rejected by: gives_the_connection_back
# Commits or rolls back, and leaves the session open.
class UnitOfWork:
    def __init__(self, make_session):
        self.session, self.actions = make_session(), []
    def __enter__(self):
        return self
    def after_commit(self, action):
        self.actions.append(action)
    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.session.rollback()
            return
        try:
            self.session.commit()
        except BaseException:
            self.session.rollback()
            raise
        for action in self.actions:
            action()
