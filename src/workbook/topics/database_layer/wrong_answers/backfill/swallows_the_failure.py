# rejected by: goes_on_after_a_failure
# Returns a number as if it had come to its end.
from sqlalchemy import column, func, select, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    missing = person.c.full_name.is_(None)
    total = 0
    while True:
        try:
            with engine.begin() as c:
                ids = c.scalars(
                    select(person.c.id).where(missing).order_by(person.c.id).limit(size)
                ).all()
                if not ids:
                    return total
                n = c.execute(
                    update(person)
                    .where(person.c.id.in_(ids), missing)
                    .values(full_name=func.coalesce(person.c.first + " ", "") + person.c.last)
                ).rowcount
        except Exception:
            return total
        total += n
