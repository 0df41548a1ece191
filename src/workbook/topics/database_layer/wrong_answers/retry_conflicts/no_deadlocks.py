# rejected by: tries_again_after_a_conflict
# Knows serialization failures, and gives up at a deadlock.
from sqlalchemy.exc import DBAPIError

CONFLICTS = {"40001"}


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    for attempt in range(1, attempts + 1):
        try:
            with make_session() as session, session.begin():
                return work(session)
        except DBAPIError as error:
            lost = getattr(error.orig, "sqlstate", None) in CONFLICTS
            if not lost or attempt == attempts:
                raise
        pause(attempt)
