# rejected by: calls_nothing_after_a_failure
# One list for the class: the next unit calls what a failed one has left in it.

class UnitOfWork:
    actions = []

    def __init__(self, make_session):
        self.session = make_session()

    def __enter__(self):
        return self

    def after_commit(self, action):
        self.actions.append(action)

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self.session.commit()
        finally:
            self.session.close()
        if kind is None:
            for a in self.actions:
                a()
            self.actions.clear()
