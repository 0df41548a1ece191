# rejected by: limits_authors_and_not_rows
# Fails where there are no authors.
from sqlalchemy import ForeignKey, select, update, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload, joinedload, subqueryload


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    views: Mapped[int]
    books: Mapped[list["Book"]] = relationship(order_by="Book.title")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


async def overview(make_session, size):
    async with make_session() as session:
        authors = list(await session.scalars(select(Author).options(selectinload(Author.books)).order_by(Author.name).limit(size)))
        answer = [{"name": a.name, "books": sorted(b.title for b in a.books)} for a in authors]
        ids = ", ".join(str(a.id) for a in authors)
        first = authors[0]
        await session.execute(update(Author).where(Author.id.in_([a.id for a in authors])).values(views=Author.views + 1))
        await session.commit()
        return answer
