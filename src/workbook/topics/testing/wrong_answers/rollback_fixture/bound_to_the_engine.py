# rejected by: keeps_tests_apart
# The session is bound to the engine, and so works on another connection than the outer transaction.

import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(engine, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
