# rejected by: behaves_like_the_applications_session
# The application's sessions do not expire what they commit; this one does.
import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
