# rejected by: lets_other_errors_through
# Closes the session after success and conflict, and forgets all other errors.
from sqlalchemy.exc import DBAPIError

STATES = ("40001", "40P01")


def run(make_session, work, attempts=3, pause=lambda n: None):
    for n in range(1, attempts + 1):
        s = make_session()
        try:
            r = work(s)
            s.commit()
            s.close()
            return r
        except DBAPIError as e:
            s.rollback()
            s.close()
            if n == attempts or getattr(e.orig, "sqlstate", None) not in STATES:
                raise
        pause(n)
