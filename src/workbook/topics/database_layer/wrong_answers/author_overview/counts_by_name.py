# rejected by: counts_views_of_those_shown
# Takes the name for a key, and counts a view for a namesake.
from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


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
        authors = (
            await s.scalars(
                select(Author).options(selectinload(Author.books)).order_by(Author.name).limit(size)
            )
        ).all()
        out = [{"name": a.name, "books": sorted([b.title for b in a.books])} for a in authors]
        await s.execute(
            update(Author)
            .where(Author.name.in_([a.name for a in authors]))
            .values(views=Author.views + 1)
        )
        return out
