# rejected by: lets_other_errors_through
# Looks at the state where the work fails, and retries any commit that does.
from sqlalchemy.exc import DBAPIError

STATES = ("40001", "40P01")


def run(make_session, work, attempts=3, pause=lambda n: None):
    for n in range(1, attempts + 1):
        with make_session() as session:
            try:
                result = work(session)
            except DBAPIError as error:
                if n == attempts or getattr(error.orig, "sqlstate", None) not in STATES:
                    raise
            else:
                try:
                    session.commit()
                    return result
                except DBAPIError:
                    if n == attempts:
                        raise
        pause(n)
