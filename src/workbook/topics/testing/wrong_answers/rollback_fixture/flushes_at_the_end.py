# rejected by: cleans_up_after_a_failing_test
# The flush may fail too, and then nothing after it is done.
import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    connection = engine.connect()
    outer = connection.begin()
    session = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
    yield session
    session.flush()
    session.close()
    outer.rollback()
    connection.close()
