# rejected by: sends_three_statements_at_most
# No MissingGreenlet any more, and a statement for each author.
from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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
    async with make_session() as session, session.begin():
        query = select(Author).order_by(Author.name).limit(size)
        authors = (await session.scalars(query)).all()
        answer = []
        for author in authors:
            await session.refresh(author, ["books"])
            titles = sorted(book.title for book in author.books)
            answer.append({"name": author.name, "books": titles})
        seen = Author.id.in_([author.id for author in authors])
        await session.execute(update(Author).where(seen).values(views=Author.views + 1))
    return answer
