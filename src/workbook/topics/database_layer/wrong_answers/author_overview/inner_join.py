# rejected by: keeps_authors_without_books
# Joins the books, and loses authors who have none.
from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, contains_eager


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    views: Mapped[int]
    books: Mapped[list["Book"]] = relationship()


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


async def overview(make_session, size):
    query = select(Author).join(Author.books).options(contains_eager(Author.books))
    async with make_session() as session, session.begin():
        authors = (await session.scalars(query.order_by(Author.name))).unique().all()[:size]
        answer = [
            {"name": author.name, "books": sorted(book.title for book in author.books)}
            for author in authors
        ]
        seen = Author.id.in_([author.id for author in authors])
        await session.execute(update(Author).where(seen).values(views=Author.views + 1))
    return answer
