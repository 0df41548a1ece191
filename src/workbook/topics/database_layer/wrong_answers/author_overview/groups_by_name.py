# rejected by: gives_names_and_sorted_titles
# Takes the name for a key, and makes one author of two namesakes.
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
    async with make_session.begin() as session:
        sub = select(Author.id, Author.name).order_by(Author.name, Author.id).limit(size).subquery()
        rows = (
            await session.execute(
                select(sub.c.id, sub.c.name, Book.title)
                .outerjoin(Book, Book.author_id == sub.c.id)
                .order_by(sub.c.name, sub.c.id, Book.title)
            )
        ).all()
        out = {}
        ids = set()
        for id_, name, title in rows:
            ids.add(id_)
            entry = out.setdefault(name, {"name": name, "books": []})
            if title is not None:
                entry["books"].append(title)
        await session.execute(
            update(Author).where(Author.id.in_(ids)).values({"views": Author.views + 1})
        )
    return list(out.values())
