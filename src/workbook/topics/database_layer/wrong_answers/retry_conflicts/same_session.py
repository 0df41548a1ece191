# rejected by: tries_again_after_a_conflict
# Keeps the session of the failed attempt, with all that it has loaded.
from sqlalchemy.exc import DBAPIError

CONFLICTS = {"40001", "40P01"}


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    with make_session() as session:
        for attempt in range(1, attempts + 1):
            try:
                result = work(session)
                session.commit()
                return result
            except DBAPIError as error:
                session.rollback()
                lost = getattr(error.orig, "sqlstate", None) in CONFLICTS
                if not lost or attempt == attempts:
                    raise
            pause(attempt)
