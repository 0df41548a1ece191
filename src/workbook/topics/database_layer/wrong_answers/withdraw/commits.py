# rejected by: leaves_the_commit_to_its_caller
# Commits, so that no caller can combine it with a second step.
from sqlalchemy import update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


def withdraw(session, account_id, amount):
    query = update(Account).where(Account.id == account_id, Account.balance >= amount)
    result = session.execute(query.values(balance=Account.balance - amount))
    session.commit()
    return result.rowcount == 1
