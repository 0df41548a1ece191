# rejected by: keeps_what_is_written_meanwhile
# Stops where it has filled nothing: but others may have been quicker in this batch only.
from sqlalchemy import column, func, select, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    missing = person.c.full_name.is_(None)
    total = 0
    while True:
        with engine.begin() as c:
            ids = c.scalars(
                select(person.c.id).where(missing).order_by(person.c.id).limit(size)
            ).all()
            n = c.execute(
                update(person)
                .where(person.c.id.in_(ids), missing)
                .values(full_name=func.coalesce(person.c.first + " ", "") + person.c.last)
            ).rowcount
        total += n
        if n == 0:
            return total
