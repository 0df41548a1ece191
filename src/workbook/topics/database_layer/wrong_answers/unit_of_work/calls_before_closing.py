# rejected by: calls_afterwards_in_order
# The functions run while the session is still open.
class UnitOfWork:
    def __init__(self, make_session):
        self.session, self.actions = make_session(), []
    def __enter__(self):
        return self
    def after_commit(self, action):
        self.actions.append(action)
    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self.session.commit()
                for action in self.actions:
                    action()
        finally:
            self.session.close()
