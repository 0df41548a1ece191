# rejected by: loses_no_update
# Subtracts in the database, but has checked the balance a statement earlier.
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
    if account is None or account.balance < amount:
        return False
    query = update(Account).where(Account.id == account_id)
    session.execute(query.values(balance=Account.balance - amount))
    return True
