# rejected by: loses_no_update
# Reads, computes in Python, writes: what came in between is overwritten.
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


def withdraw(session, account_id, amount):
    account = session.get(Account, account_id)
    if account is None or account.balance < amount:
        return False
    account.balance -= amount
    session.flush()
    return True
