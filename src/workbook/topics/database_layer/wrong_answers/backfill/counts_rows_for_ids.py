# rejected by: fills_what_is_missing
# Takes the number of rows for the largest id, but ids have gaps.
from sqlalchemy import column, func, select, table, update, text, case, bindparam

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    with engine.connect() as c:
        total = c.scalar(select(func.count()).select_from(person))
    filled = 0
    for start in range(0, total, size):
        with engine.begin() as c:
            filled += c.execute(update(person).where(person.c.id > start, person.c.id <= start + size, person.c.full_name.is_(None)).values(full_name=func.coalesce(person.c.first + " ", "") + person.c.last)).rowcount
    return filled
