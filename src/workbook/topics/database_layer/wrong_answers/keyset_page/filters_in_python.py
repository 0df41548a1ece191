# rejected by: asks_for_one_row_more
# A good first page; for the others it reads the table and filters in Python.
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    q = select(Event).order_by(Event.at.desc(), Event.id.desc())
    if after is None:
        e = session.scalars(q.limit(size + 1)).all()
    else:
        e = [x for x in session.scalars(q) if (x.at, x.id) < after]
    s = e[:size]
    return [x.id for x in s], ((s[-1].at, s[-1].id) if len(e) > size else None)
