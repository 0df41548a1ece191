# rejected by: commits_both_or_none
# After any other error of the database the session is unusable.
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
    try:
        user = User(email=email, password_hash=hash_password(password))
        session.add_all([user, Outbox(kind="welcome", recipient=email)])
        session.commit()
    except sa.exc.IntegrityError as error:
        session.rollback()
        raise AddressTaken(email) from error
    except sa.exc.OperationalError:
        session.rollback()
        raise
    return {"id": user.id, "email": user.email}
