# rejected by: tries_again_after_a_conflict_at_the_commit
# Guards the work, and commits where nobody catches anything.
from sqlalchemy.exc import DBAPIError

CONFLICTS = {"40001", "40P01"}


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    for attempt in range(1, attempts + 1):
        with make_session() as session:
            try:
                result = work(session)
            except DBAPIError as error:
                lost = getattr(error.orig, "sqlstate", None) in CONFLICTS
                if not lost or attempt == attempts:
                    raise
            else:
                session.commit()
                return result
        pause(attempt)
