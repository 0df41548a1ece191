# rejected by: refuses_what_is_not_covered
# Does not look whether its UPDATE has changed a row.
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
    session.execute(query.values(balance=Account.balance - amount))
    return True
