# rejected by: lets_other_errors_through
# Takes all of class 40, with 40003: there the commit may have succeeded.
from sqlalchemy.exc import DBAPIError

STATES = ("40001", "40P01")


def run(make_session, work, attempts=3, pause=lambda n: None):
    for n in range(1, attempts + 1):
        try:
            with make_session() as s, s.begin():
                return work(s)
        except DBAPIError as e:
            if n == attempts or not str(getattr(e.orig, "sqlstate", "")).startswith("40"):
                raise
        pause(n)
