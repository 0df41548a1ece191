# rejected by: tries_again_after_a_conflict
# Calls the pause also where none was given.
from sqlalchemy.exc import DBAPIError


def run(make_session, work, attempts=3, pause=None):
    for n in range(1, attempts + 1):
        try:
            with make_session.begin() as session:
                return work(session)
        except DBAPIError as error:
            if n == attempts or getattr(error.orig, "sqlstate", "") not in ("40001", "40P01"):
                raise
            pause(n)
