# rejected by: lets_the_exception_go_on
# Returns True from __exit__, and the caller believes that all went well.
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
                self.session.close()
                for action in self.actions:
                    action()
        finally:
            self.session.close()
        return True
