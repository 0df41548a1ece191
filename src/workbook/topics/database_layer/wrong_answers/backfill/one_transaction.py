# rejected by: fills_in_batches
# All rows in one transaction, with every lock held until its end.
from sqlalchemy import Column, Integer, MetaData, String, Table, func, update

metadata = MetaData()
person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first", String),
    Column("last", String, nullable=False),
    Column("full_name", String),
)


def backfill(engine, size):
    name = func.coalesce(person.c.first + " ", "") + person.c.last
    with engine.begin() as connection:
        query = update(person).where(person.c.full_name.is_(None)).values(full_name=name)
        return connection.execute(query).rowcount
