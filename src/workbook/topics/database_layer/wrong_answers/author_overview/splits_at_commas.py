# rejected by: gives_names_and_sorted_titles
# Glues the titles together and splits them at commas, of which titles may have some.
from sqlalchemy import ForeignKey, func, select, update
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)


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
    async with make_session() as s, s.begin():
        q = (
            select(Author.id, Author.name, func.group_concat(Book.title))
            .outerjoin(Book, Book.author_id == Author.id)
            .group_by(Author.id)
            .order_by(Author.name)
            .limit(size)
        )
        rows = (await s.execute(q)).all()
        await s.execute(
            update(Author).where(Author.id.in_([r[0] for r in rows])).values(views=Author.views + 1)
        )
        return [{"name": r[1], "books": sorted(r[2].split(",")) if r[2] else []} for r in rows]
