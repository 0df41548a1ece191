# rejected by: shows_every_event_once
# Goes on below the last time, past events of the same time.
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    query = select(Event).order_by(Event.at.desc(), Event.id.desc()).limit(size + 1)
    if after:
        query = query.where(Event.at < after[0])
    events = session.scalars(query).all()
    shown = events[:size]
    cursor = (shown[-1].at, shown[-1].id) if len(events) > size else None
    return [event.id for event in shown], cursor
