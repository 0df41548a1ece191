# rejected by: limits_authors_and_not_rows
# Limits the rows of a join, where an author has a row for each book.
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
    query = select(Author).outerjoin(Author.books).options(contains_eager(Author.books))
    async with make_session() as session, session.begin():
        limited = query.order_by(Author.name).limit(size)
        authors = (await session.scalars(limited)).unique().all()
        answer = [
            {"name": author.name, "books": sorted(book.title for book in author.books)}
            for author in authors
        ]
        seen = Author.id.in_([author.id for author in authors])
        await session.execute(update(Author).where(seen).values(views=Author.views + 1))
    return answer
