# rejected by: tells_errors_apart
# Hashing fails, and the entry that was added before waits in the session for the next commit.
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
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
    session.add(Outbox(kind="welcome", recipient=email))
    user = User(email=email, password_hash=hash_password(password))
    session.add(user)
    try:
        session.commit()
    except sa.exc.IntegrityError as error:
        session.rollback()
        raise AddressTaken(email) from error
    except Exception:
        session.rollback()
        raise
    return {"id": user.id, "email": user.email}
