# rejected by: does_not_mind_a_deletion
# Right order, and a cursor that counts rows: (number of rows, None).
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    start = after[0] if after else 0
    query = select(Event).order_by(Event.at.desc(), Event.id.desc()).offset(start).limit(size + 1)
    events = session.scalars(query).all()
    cursor = (start + size, None) if len(events) > size else None
    return [event.id for event in events[:size]], cursor
