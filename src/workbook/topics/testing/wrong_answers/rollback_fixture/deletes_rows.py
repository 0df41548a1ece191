# rejected by: leaves_the_database_as_it_was
# Emptying the tables after each test takes the reference data with it.
import sqlalchemy as sa

import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    with Session(engine, expire_on_commit=False) as session:
        yield session
    with engine.begin() as connection:
        connection.execute(sa.text('DELETE FROM "user"'))
