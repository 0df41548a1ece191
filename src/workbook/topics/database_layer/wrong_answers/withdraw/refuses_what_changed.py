# rejected by: loses_no_update
# Refuses what is covered, since the balance is not the one that it has read.
from sqlalchemy import select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


def withdraw(session, account_id, amount):
    balance = session.scalar(select(Account.balance).where(Account.id == account_id))
    if balance is None or balance < amount:
        return False
    done = session.execute(
        update(Account)
        .where(Account.id == account_id, Account.balance == balance)
        .values(balance=balance - amount)
    )
    return done.rowcount == 1
