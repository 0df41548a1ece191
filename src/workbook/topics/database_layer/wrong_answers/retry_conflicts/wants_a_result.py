# rejected by: returns_what_the_work_returns
# Takes None for a failure, and does the work three times.
from sqlalchemy.exc import DBAPIError

STATES = ("40001", "40P01")


def run(make_session, work, attempts=3, pause=lambda n: None):
    for n in range(1, attempts + 1):
        try:
            with make_session() as s, s.begin():
                result = work(s)
            if result:
                return result
        except DBAPIError as e:
            if n == attempts or getattr(e.orig, "sqlstate", None) not in STATES:
                raise
        pause(n)
