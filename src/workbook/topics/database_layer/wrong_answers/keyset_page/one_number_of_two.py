# rejected by: shows_every_event_once
# Makes one number of time and id, which is right until an id has four digits.
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    place = Event.at * 1000 + Event.id
    q = select(Event).order_by(place.desc()).limit(size + 1)
    if after is not None:
        q = q.where(place < after[0] * 1000 + after[1])
    e = session.scalars(q).all()
    s = e[:size]
    return [x.id for x in s], ((s[-1].at, s[-1].id) if len(e) > size else None)
