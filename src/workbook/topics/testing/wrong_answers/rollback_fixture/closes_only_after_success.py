# rejected by: gives_the_connection_back
# The connection is never closed, so every test takes another one out of the pool.

import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    connection = engine.connect()
    outer = connection.begin()
    session = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
    yield session
    session.close()
    outer.rollback()
