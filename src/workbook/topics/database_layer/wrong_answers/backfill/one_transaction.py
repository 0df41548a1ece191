# rejected by: fills_in_batches
# All rows in one transaction, with every lock held until its end.
from sqlalchemy import column, func, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    name = func.coalesce(person.c.first + " ", "") + person.c.last
    with engine.begin() as connection:
        query = update(person).where(person.c.full_name.is_(None)).values(full_name=name)
        return connection.execute(query).rowcount
