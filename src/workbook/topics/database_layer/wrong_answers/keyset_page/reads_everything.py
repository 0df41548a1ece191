# rejected by: asks_for_one_row_more
# Right answers, for which it fetches the rest of the table each time.
from sqlalchemy import select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    query = select(Event).order_by(Event.at.desc(), Event.id.desc())
    if after:
        query = query.where(tuple_(Event.at, Event.id) < after)
    events = session.scalars(query).all()
    shown = events[:size]
    cursor = (shown[-1].at, shown[-1].id) if len(events) > size else None
    return [event.id for event in shown], cursor
