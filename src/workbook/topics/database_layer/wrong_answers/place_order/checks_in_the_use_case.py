# rejected by: repositories_do_not_commit
# Only place_order looks at the stock; the next operation that takes some has to remember it.
from sqlalchemy import ForeignKey
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


class Repo:
    def __init__(self, session):
        self.session = session


class Orders(Repo):
    async def add(self, book_id, count):
        o = Order(book_id=book_id, count=count)
        self.session.add(o)
        await self.session.flush()
        return o


class Books(Repo):
    async def take(self, book_id, count):
        book = await self.session.get(Book, book_id)
        book.stock -= count


async def place_order(make_session, book_id, count):
    async with make_session() as session, session.begin():
        book = await session.get(Book, book_id)
        if book.stock < count:
            raise OutOfStock(book_id)
        o = await Orders(session).add(book_id, count)
        await Books(session).take(book_id, count)
        return o.id
