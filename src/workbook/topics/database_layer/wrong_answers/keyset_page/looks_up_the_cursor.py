# rejected by: does_not_mind_a_deletion
# Looks up the time of the cursor's event, which may be gone.
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
        at = select(Event.at).where(Event.id == after[1]).scalar_subquery()
        q = q.where(tuple_(Event.at, Event.id) < tuple_(at, after[1]))
    e = session.scalars(q).all()
    s = e[:size]
    return [x.id for x in s], ((s[-1].at, s[-1].id) if len(e) > size else None)
