# rejected by: gives_up_after_the_last_attempt
# Counts retries where attempts were meant, and pauses before giving up.
from sqlalchemy.exc import DBAPIError

CONFLICTS = {"40001", "40P01"}


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    for attempt in range(1, attempts + 2):
        try:
            with make_session() as session, session.begin():
                return work(session)
        except DBAPIError as error:
            lost = getattr(error.orig, "sqlstate", None) in CONFLICTS
            if not lost or attempt > attempts:
                raise
        pause(attempt)
