# rejected by: takes_what_is_covered
# Compares with > and so never lets the last coin go.
from sqlalchemy import update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


def withdraw(session, account_id, amount):
    query = update(Account).where(Account.id == account_id, Account.balance > amount)
    result = session.execute(query.values(balance=Account.balance - amount))
    return result.rowcount == 1
