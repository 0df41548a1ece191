# rejected by: says_when_nothing_follows
# Takes a full page for a sign that another follows.
from sqlalchemy import select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    query = select(Event).order_by(Event.at.desc(), Event.id.desc()).limit(size)
    if after:
        query = query.where(tuple_(Event.at, Event.id) < after)
    events = session.scalars(query).all()
    cursor = (events[-1].at, events[-1].id) if len(events) == size else None
    return [event.id for event in events], cursor
