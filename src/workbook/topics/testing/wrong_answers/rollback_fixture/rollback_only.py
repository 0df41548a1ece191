# rejected by: keeps_commits_within_the_test
# In this mode a rollback of the session reaches the outer transaction, and takes earlier commits with it.
import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="rollback_only"
        ) as session:
            yield session
        outer.rollback()
