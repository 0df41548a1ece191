# rejected by: fills_what_is_missing
# NULL plus a text is NULL, so this row is missing again, and again.
from sqlalchemy import column, func, select, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    name = person.c.first + " " + person.c.last
    filled = 0
    while True:
        with engine.begin() as connection:
            query = select(person.c.id).where(person.c.full_name.is_(None))
            ids = connection.scalars(query.order_by(person.c.id).limit(size)).all()
            if not ids:
                return filled
            missing = person.c.full_name.is_(None)
            write = update(person).where(missing, person.c.id.in_(ids))
            filled += connection.execute(write.values(full_name=name)).rowcount
