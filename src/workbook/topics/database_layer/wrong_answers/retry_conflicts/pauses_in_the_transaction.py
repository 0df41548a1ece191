# rejected by: tries_again_after_a_conflict
# The failed transaction holds its locks during the pause.
from sqlalchemy.exc import DBAPIError


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    for n in range(1, attempts + 1):
        with make_session() as session:
            try:
                result = work(session)
                session.commit()
                return result
            except DBAPIError as error:
                if n == attempts or getattr(error.orig, "sqlstate", "") not in ("40001", "40P01"):
                    raise
                pause(n)
