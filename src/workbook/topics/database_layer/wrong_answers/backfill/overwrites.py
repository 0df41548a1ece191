# rejected by: keeps_what_is_written_meanwhile
# Chooses the rows well, and then writes them whatever has happened since.
from sqlalchemy import Column, Integer, MetaData, String, Table, func, select, update

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
    missing = person.c.full_name.is_(None)
    name = func.coalesce(person.c.first + " ", "") + person.c.last
    filled = last = 0
    while True:
        with engine.begin() as connection:
            query = select(person.c.id).where(missing, person.c.id > last)
            ids = connection.scalars(query.order_by(person.c.id).limit(size)).all()
            if not ids:
                return filled
            write = update(person).where(person.c.id.in_(ids))
            filled += connection.execute(write.values(full_name=name)).rowcount
        last = ids[-1]
