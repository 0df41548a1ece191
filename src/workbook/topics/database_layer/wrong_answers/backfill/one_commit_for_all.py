# rejected by: goes_on_after_a_failure
# Batches in a single transaction: a failure in the third undoes the first two.
from sqlalchemy import column, func, select, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    missing = person.c.full_name.is_(None)
    name = func.coalesce(person.c.first + " ", "") + person.c.last
    query = select(person.c.id).where(missing).order_by(person.c.id).limit(size)
    filled = 0
    with engine.begin() as connection:
        while True:
            ids = connection.scalars(query).all()
            if not ids:
                return filled
            write = update(person).where(missing, person.c.id.in_(ids))
            filled += connection.execute(write.values(full_name=name)).rowcount
