# rejected by: survives_a_race
# The look-up is moved next to the insert. The gap is smaller, and still there.
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column()
    password_hash: Mapped[str] = mapped_column()


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column()
    recipient: Mapped[str] = mapped_column()


class AddressTaken(Exception):
    pass


def sign_up(session, email, password, hash_password):
    email = email.strip().lower()
    hashed = hash_password(password)
    if session.scalar(sa.select(User.id).where(User.email == email)):
        raise AddressTaken(email)
    user = User(email=email, password_hash=hashed)
    session.add_all([user, Outbox(kind="welcome", recipient=email)])
    try:
        session.commit()
    except Exception:
        session.rollback()
        raise
    return {"id": user.id, "email": user.email}
