# rejected by: fills_what_is_missing
# NULL plus a text is NULL, so this row is missing again, and again.
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
