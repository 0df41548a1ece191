# rejected by: leaves_the_database_as_it_was
# New rows are deleted afterwards; a row that was there, and was changed, stays changed.
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    with engine.connect() as connection:
        before = {id for (id,) in connection.execute(sa.text('SELECT id FROM "user"'))}
    with Session(engine, expire_on_commit=False) as session:
        yield session
    with engine.begin() as connection:
        for (id,) in connection.execute(sa.text('SELECT id FROM "user"')).all():
            if id not in before:
                connection.execute(sa.text('DELETE FROM "user" WHERE id = :id'), {"id": id})
