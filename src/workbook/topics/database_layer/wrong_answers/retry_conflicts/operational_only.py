# rejected by: tries_again_after_a_conflict
# Catches OperationalError alone, which is what one driver's conflicts are, and not another's.
from sqlalchemy.exc import OperationalError

STATES = ("40001", "40P01")


def run(make_session, work, attempts=3, pause=lambda n: None):
    for n in range(1, attempts + 1):
        try:
            with make_session() as s, s.begin():
                return work(s)
        except OperationalError as e:
            if n == attempts or getattr(e.orig, "sqlstate", None) not in STATES:
                raise
        pause(n)
