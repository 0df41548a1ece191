# rejected by: keeps_what_new_code_wrote
# Goes through all rows by id, also those that new code has written.
from sqlalchemy import column, func, select, table, update

person = table("person", column("id"), column("first"), column("last"), column("full_name"))


def backfill(engine, size):
    name = func.coalesce(person.c.first + " ", "") + person.c.last
    filled = last = 0
    while True:
        with engine.begin() as connection:
            query = select(person.c.id).where(person.c.id > last).order_by(person.c.id)
            ids = connection.scalars(query.limit(size)).all()
            if not ids:
                return filled
            write = update(person).where(person.c.id.in_(ids))
            filled += connection.execute(write.values(full_name=name)).rowcount
            last = ids[-1]
