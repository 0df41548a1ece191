# rejected by: says_when_nothing_follows
# After the last event it gives back the cursor that it was given.
from sqlalchemy import select, tuple_, or_, and_, func, text, exists, literal
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, aliased


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]


def page(session, size, after=None):
    query = select(Event).order_by(Event.at.desc(), Event.id.desc()).limit(size + 1)
    if after is not None:
        query = query.where(tuple_(Event.at, Event.id) < after)
    events = session.scalars(query).all()
    if not events:
        return [], after
    shown = events[:size]
    return [e.id for e in shown], (shown[-1].at, shown[-1].id) if len(events) > size else None
