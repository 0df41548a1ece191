# rejected by: loses_no_update
# Checks in the database, but writes a value computed from what it has read.
from sqlalchemy import update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


def withdraw(session, account_id, amount):
    account = session.get(Account, account_id)
    if account is None:
        return False
    done = session.execute(
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount)
        .values(balance=account.balance - amount)
    )
    return done.rowcount == 1
