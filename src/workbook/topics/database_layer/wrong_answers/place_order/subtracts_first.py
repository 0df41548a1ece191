# rejected by: repositories_do_not_commit
# Where stock is short, take() leaves a negative stock in the session of its caller.
from sqlalchemy import ForeignKey, select, update, insert
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


class Repository:
    def __init__(self, session):
        self.session = session


class Orders(Repository):
    async def add(self, book_id, count):
        order = Order(book_id=book_id, count=count)
        self.session.add(order)
        await self.session.flush()
        return order


class Books(Repository):
    async def take(self, book_id, count):
        book = await self.session.get(Book, book_id)
        if book.stock < count:
            raise OutOfStock(book_id)
        book.stock -= count


class Books(Repository):
    async def take(self, book_id, count):
        book = await self.session.get(Book, book_id)
        book.stock -= count
        if book.stock < 0:
            raise OutOfStock(book_id)
async def place_order(make_session, book_id, count):
    async with make_session() as session, session.begin():
        order = await Orders(session).add(book_id, count)
        await Books(session).take(book_id, count)
        return order.id
