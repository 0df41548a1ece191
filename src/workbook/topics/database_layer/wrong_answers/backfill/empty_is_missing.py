# rejected by: keeps_what_new_code_wrote
# Takes an empty text, which new code has written, for a missing one.
from sqlalchemy import column, func, select, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    missing = func.coalesce(person.c.full_name, "") == ""
    total = 0
    while True:
        with engine.begin() as c:
            ids = c.scalars(
                select(person.c.id).where(missing).order_by(person.c.id).limit(size)
            ).all()
            if not ids:
                return total
            total += c.execute(
                update(person)
                .where(person.c.id.in_(ids), missing)
                .values(full_name=func.coalesce(person.c.first + " ", "") + person.c.last)
            ).rowcount
