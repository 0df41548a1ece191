# rejected by: keeps_commits_within_the_test
# A commit that only flushes keeps tests apart, and a later rollback takes back what was "committed".

import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(engine):
    with Session(engine, expire_on_commit=False) as session:
        session.commit = session.flush
        yield session
        session.rollback()
