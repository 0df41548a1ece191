# rejected by: lets_other_errors_through
# Tries again whatever went wrong, a violated constraint included.
from sqlalchemy.exc import DBAPIError


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    for attempt in range(1, attempts + 1):
        try:
            with make_session() as session, session.begin():
                return work(session)
        except DBAPIError:
            if attempt == attempts:
                raise
        pause(attempt)
