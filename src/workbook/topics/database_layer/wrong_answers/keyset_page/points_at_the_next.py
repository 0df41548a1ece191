# rejected by: shows_every_event_once
# Points at the first event of the next page: one that comes just before it is skipped.
from sqlalchemy import select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    q = select(Event).order_by(Event.at.desc(), Event.id.desc()).limit(size + 1)
    if after is not None:
        q = q.where(tuple_(Event.at, Event.id) <= after)
    e = session.scalars(q).all()
    return [x.id for x in e[:size]], ((e[-1].at, e[-1].id) if len(e) > size else None)
