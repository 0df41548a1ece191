# rejected by: commits_once
# Changes the order of the steps, and keeps two transactions.
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))
    count: Mapped[int]


class OutOfStock(Exception):
    pass


class Orders:
    def __init__(self, session):
        self.session = session

    async def add(self, book_id, count):
        order = Order(book_id=book_id, count=count)
        self.session.add(order)
        await self.session.commit()
        return order


class Books:
    def __init__(self, session):
        self.session = session

    async def take(self, book_id, count):
        book = await self.session.get(Book, book_id)
        if book.stock < count:
            raise OutOfStock(book_id)
        book.stock -= count
        await self.session.commit()


async def place_order(make_session, book_id, count):
    async with make_session() as session:
        await Books(session).take(book_id, count)
        order = await Orders(session).add(book_id, count)
        await session.refresh(order)
        return order.id
