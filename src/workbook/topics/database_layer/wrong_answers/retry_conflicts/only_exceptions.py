# rejected by: lets_other_errors_through
# After a KeyboardInterrupt the transaction stays open.
from sqlalchemy.exc import DBAPIError


def run(make_session, work, attempts=3, pause=lambda attempt: None):
    for n in range(1, attempts + 1):
        session = make_session()
        try:
            result = work(session)
            session.commit()
        except Exception as error:
            session.rollback()
            session.close()
            conflict = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in ("40001", "40P01")
            if n == attempts or not conflict:
                raise
            pause(n)
        else:
            session.close()
            return result
