# rejected by: calls_afterwards_in_order
# Calls the functions with the connection still in hand: a slow mail server empties the pool.
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
                self.session.commit()
                self.session.connection()
                for action in self.actions:
                    action()
        finally:
            self.session.close()
