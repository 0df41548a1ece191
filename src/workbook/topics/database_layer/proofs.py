"""The proofs of chapter 07: each runs the real library, most on a real PostgreSQL of its own.

``Author`` and ``Book`` are the chapter's models, ``shop()`` is a new PostgreSQL with their tables.
What is counted, ordered or raised is returned; nothing depends on how fast the machine is.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)

from workbook import systems
from workbook.sandbox import proof


class Base(DeclarativeBase):
    """The models' common registry."""


class Author(Base):
    """Somebody with books, which load lazily unless a query says otherwise."""

    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(Base):
    """A book; each author of ``fill`` has two."""

    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    stock: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("author.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")


# --- what several proofs need ---------------------------------------------------------------------


def fill(engine: sa.Engine, authors: int = 0) -> None:
    """Make the tables, and authors named a0, a1, ... with two books each."""
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        for n in range(authors):
            books = [Book(title=f"b{n}{side}") for side in "xy"]
            session.add(Author(name=f"a{n}", books=books))


@contextmanager
def shop(authors: int = 0, **options: Any) -> Iterator[sa.Engine]:
    """Start a PostgreSQL with the chapter's tables; give an engine for it."""
    with systems.postgres() as database:
        engine = sa.create_engine(database.url, **options)
        fill(engine, authors)
        yield engine
        engine.dispose()


@contextmanager
def small_shop(authors: int = 0) -> Iterator[sa.Engine]:
    """Give an engine for the same tables on SQLite, in memory: for what the ORM does by itself."""
    engine = sa.create_engine("sqlite://")
    fill(engine, authors)
    yield engine
    engine.dispose()


@contextmanager
def async_shop(authors: int = 0) -> Iterator[Any]:
    """Start the same; give an asynchronous engine, on asyncpg."""
    from sqlalchemy.ext.asyncio import create_async_engine

    with shop(authors) as engine:
        yield create_async_engine(engine.url.set(drivername="postgresql+asyncpg"))


@contextmanager
def account(*balances: int) -> Iterator[str]:
    """Start a PostgreSQL with accounts 1, 2, ... of these balances; give its address."""
    import psycopg

    with systems.postgres(options=["-c", "deadlock_timeout=100ms"]) as database:
        with psycopg.connect(database.dsn) as connection:
            connection.execute("CREATE TABLE account (id int PRIMARY KEY, balance int)")
            for number, balance in enumerate(balances, 1):
                connection.execute("INSERT INTO account VALUES (%s, %s)", [number, balance])
        yield database.dsn


@contextmanager
def counting(engine: sa.Engine) -> Iterator[list[str]]:
    """Collect the statements that an engine sends."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def raised(action: Callable[[], Any]) -> str:
    """Return the name of the exception that an action raises, or "nothing"."""
    try:
        action()
    except Exception as error:
        return type(getattr(error, "orig", None) or error).__name__
    return "nothing"


def listing(question: str) -> str:
    """Return a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    text: str = next(entry["listing"] for entry in entries if entry["id"] == question)
    return text


def eventually(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait until a condition holds; return its value, or the last one after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


# --- warm-up and 1. engine, session, model --------------------------------------------------------


@proof("psycopg")
def after_an_error() -> object:
    """A statement fails, its exception is swallowed, and the next statement is a harmless one."""
    import psycopg

    with account(100) as dsn, psycopg.connect(dsn) as connection:
        connection.execute("UPDATE account SET balance = 0")
        with suppress(psycopg.Error):
            connection.execute("INSERT INTO account VALUES (1, 5)")  # the key exists
        try:
            connection.execute("SELECT balance FROM account")
        except psycopg.Error as error:
            return type(error)
    return "nothing was raised"


@proof("sqlalchemy")
def driver_of_a_plain_url() -> object:
    """Ask SQLAlchemy which driver a URL without one means."""
    return sa.make_url("postgresql://app@db/shop").get_dialect().driver


@proof("sqlalchemy", "psycopg")
def engine_connects_late() -> object:
    """Count the server's connections after each step; a second client does the counting."""
    import psycopg

    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop'"
    with systems.postgres() as database, psycopg.connect(database.dsn, autocommit=True) as watcher:

        def connections() -> int:
            row = watcher.execute(count).fetchone()
            return int(row[0]) if row else -1

        engine = sa.create_engine(f"{database.url}?application_name=shop", pool_size=5)
        made = connections()
        session = Session(engine)
        opened = connections()
        session.execute(sa.text("SELECT 1"))
        asked = connections()
        session.close()
        closed = connections()
        engine.dispose()
        return f"{made} {opened} {asked} {closed}"


@proof("sqlalchemy")
def order_of_a_flush() -> object:
    """Write down what a session sends, and when."""
    with shop() as engine:
        sent: list[str] = []
        sa.event.listen(engine, "begin", lambda _: sent.append("begin"))
        sa.event.listen(engine, "commit", lambda _: sent.append("commit"))
        with counting(engine) as statements, Session(engine) as session:
            sa.event.listen(
                engine, "before_cursor_execute", lambda *a: sent.append(a[2].split()[0].lower())
            )
            session.add(Author(name="Ada"))
            sent.append("add")
            session.scalars(sa.select(Author)).all()
            session.commit()
        assert len(statements) == 2
        return sent


@proof("sqlalchemy")
def autoflush_off() -> object:
    """Count a pending author, with and without autoflush."""
    with small_shop() as engine:
        found = []
        for autoflush in (False, True):
            with Session(engine, autoflush=autoflush) as session:
                session.add(Author(name="Ada"))
                found.append(session.scalar(sa.select(sa.func.count()).select_from(Author)))
        return tuple(found)


@proof("sqlalchemy")
def stale_identity() -> object:
    """One session reads, another one commits a change, the first asks again."""
    with shop(authors=1) as engine, Session(engine) as session:
        book = session.scalars(sa.select(Book).where(Book.id == 1)).one()
        before = book.stock
        with Session(engine) as other, other.begin():
            other.execute(sa.update(Book).where(Book.id == 1).values(stock=7))
        again = session.scalars(sa.select(Book).where(Book.id == 1)).one()
        column = session.scalar(sa.select(Book.stock).where(Book.id == 1))
        return (before, again is book, again.stock, column)


# --- 2. the same, asynchronously ------------------------------------------------------------------


@proof("sqlalchemy", "asyncpg", "greenlet")
def async_lines() -> object:
    """Run the listing line by line; return the lines that raise MissingGreenlet."""
    from sqlalchemy.exc import MissingGreenlet
    from sqlalchemy.ext.asyncio import AsyncSession

    async def run() -> list[int]:
        faulty = []
        with async_shop(authors=1) as engine:
            async with AsyncSession(engine) as session:
                scope: dict[str, Any] = {"session": session, "Author": Author}
                scope["print"] = lambda *_: None
                for number, line in enumerate(listing("async_lines").splitlines(), 1):
                    exec(f"async def step():\n    global author\n    {line}", scope)
                    try:
                        await scope["step"]()
                    except MissingGreenlet:
                        faulty.append(number)
            await engine.dispose()
        return faulty

    return asyncio.run(run())


@proof("sqlalchemy", "asyncpg")
def gather_on_sessions() -> object:
    """Two queries at once: on a new session, on one that is connected, on a session each."""
    from sqlalchemy.ext.asyncio import AsyncSession

    from workbook.load import most_at_once

    clock = "extract(epoch FROM clock_timestamp())::float"
    query = sa.text(f"SELECT {clock} AS began, pg_sleep(0.5), {clock} AS ended")

    async def both(one: AsyncSession, two: AsyncSession) -> str:
        jobs = [one.execute(query), two.execute(query)]
        told = await asyncio.gather(*jobs, return_exceptions=True)
        rows = [each.one() for each in told if not isinstance(each, BaseException)]
        if len(rows) < 2:
            return "raises"
        return {1: "in_turn", 2: "at_once"}[most_at_once((row[0], row[2]) for row in rows)]

    async def run() -> dict[str, str]:
        with async_shop() as engine:
            async with AsyncSession(engine) as one, AsyncSession(engine) as two:
                new = await both(one, one)
                connected = await both(one, one)
                await two.connection()  # so that it is no slower to begin
                told = {"new": new, "connected": connected, "each": await both(one, two)}
            await engine.dispose()
        return told

    return asyncio.run(run())


@proof("sqlalchemy", "asyncpg")
def ways_to_load() -> object:
    """Try each way to reach an author's books from a coroutine."""
    from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession

    class Base(AsyncAttrs, DeclarativeBase):
        pass

    class Author(Base):
        __tablename__ = "author"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list[Book]] = relationship()

    class Book(Base):
        __tablename__ = "book"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(sa.ForeignKey("author.id"))

    async def selectin(session: AsyncSession) -> int:
        query = sa.select(Author).options(selectinload(Author.books))
        return len((await session.scalars(query)).one().books)

    async def awaitable(session: AsyncSession) -> int:
        author = (await session.scalars(sa.select(Author))).one()
        return len(await author.awaitable_attrs.books)

    async def plain_await(session: AsyncSession) -> int:
        author = (await session.scalars(sa.select(Author))).one()
        return len(await author.books)  # type: ignore[misc]

    async def no_expire(session: AsyncSession) -> int:
        session.sync_session.expire_on_commit = False
        author = (await session.scalars(sa.select(Author))).one()
        return len(author.books)

    async def refresh(session: AsyncSession) -> int:
        author = (await session.scalars(sa.select(Author))).one()
        await session.refresh(author, ["books"])
        return len(author.books)

    async def run() -> list[str]:
        works = []
        with async_shop(authors=1) as engine:
            for way in (selectin, awaitable, plain_await, no_expire, refresh):
                async with AsyncSession(engine) as session:
                    with suppress(Exception):
                        works += [way.__name__] * (await way(session) == 2)
            await engine.dispose()
        return works

    return asyncio.run(run())


# --- 3. repositories and the unit of work ---------------------------------------------------------


@proof("sqlalchemy")
def row_that_survives() -> object:
    """A repository that commits, in a unit of work that rolls back."""

    class Authors:
        def __init__(self, session: Session) -> None:
            self.session = session

        def create(self, author: Author) -> None:
            self.session.add(author)
            self.session.commit()

    with small_shop() as engine:
        with suppress(RuntimeError), Session(engine) as session:
            try:
                Authors(session).create(Author(name="Ada"))
                raise RuntimeError("the second step fails")
            except RuntimeError:
                session.rollback()
                raise
        with Session(engine) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Author))


@proof("sqlalchemy")
def lines_that_commit() -> object:
    """Run the listing; return the lines in whose course a COMMIT was sent."""
    code = compile(listing("lines_that_commit"), "listing", "exec")
    lines = set()
    with shop() as engine:

        def note(_: Any) -> None:
            frame = sys._getframe()
            while frame.f_code.co_filename != "listing":
                assert frame.f_back
                frame = frame.f_back
            lines.add(frame.f_lineno)

        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE note (text text)"))
        scope: dict[str, Any] = {"Author": Author, "Session": Session, "engine": engine, "sa": sa}
        exec(code, scope)
        sa.event.listen(engine, "commit", note)
        scope["import_authors"](["Ada", "Grace"])
        return sorted(lines)


@proof("sqlalchemy")
def savepoint() -> object:
    """Insert names, each within a savepoint; one of them exists already."""
    with shop() as engine, Session(engine) as session:
        for name in ("Ada", "Grace", "Ada", "Edsger"):
            with suppress(sa.exc.IntegrityError), session.begin_nested():
                session.add(Author(name=name))
        session.commit()
        return list(session.scalars(sa.select(Author.name).order_by(Author.id)))


# --- 4. who commits, and when the response leaves -------------------------------------------------

COMMITS = """
import os
import sqlalchemy as sa
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

engine = sa.create_engine(os.environ.get("SHOP", "sqlite://"))
app = FastAPI()

def committing():
    with Session(engine) as session:
        yield session
        session.commit()

def plain():
    with Session(engine) as session:
        yield session

def insert(session):
    session.execute(sa.text("INSERT INTO part VALUES (1)"))  # checked at the commit
    return {"status": "saved"}

@app.post("/default")
def default(session=Depends(committing)):
    return insert(session)

@app.post("/function")
def function(session=Depends(committing, scope="function")):
    return insert(session)

@app.post("/endpoint")
def endpoint(session=Depends(plain)):
    answer = insert(session)
    try:
        session.commit()
    except sa.exc.IntegrityError:
        session.rollback()
        from fastapi.responses import JSONResponse
        return JSONResponse({"status": "refused"}, 409)
    return answer
"""


@proof("fastapi", "sqlalchemy")
def commit_and_response() -> object:
    """Three places for the commit; the commit fails, as its constraint is deferred."""
    import httpx

    with systems.postgres() as database:
        engine = sa.create_engine(database.url)
        with engine.begin() as connection:
            deferred = "UNIQUE DEFERRABLE INITIALLY DEFERRED"
            connection.execute(sa.text(f"CREATE TABLE part (number int {deferred})"))
            connection.execute(sa.text("INSERT INTO part VALUES (1)"))
        engine.dispose()
        systems.module("commits", COMMITS)
        with systems.serve("commits:app", env={"SHOP": database.url}) as site:
            return {
                place: f"s{httpx.post(f'{site.url}/{place}', timeout=30).status_code}"
                for place in ("default", "function", "endpoint")
            }


# --- 5. statements that nobody wrote --------------------------------------------------------------


@proof("sqlalchemy")
def n_plus_one() -> object:
    """Count the statements of an innocent loop over 20 authors."""
    with small_shop(authors=20) as engine, Session(engine) as session, counting(engine) as sent:
        for author in session.scalars(sa.select(Author)):
            len(author.books)
        return len(sent)


@proof("sqlalchemy")
def loaders() -> object:
    """Count the statements for 20 authors with their books, for each way to load them."""
    counts = {}
    ways = {"lazy": (), "selectin": (selectinload,), "joined": (joinedload,), "raise": (raiseload,)}
    with small_shop(authors=20) as engine:
        for name, way in ways.items():
            with Session(engine) as session, counting(engine) as sent:
                query = sa.select(Author).options(*(load(Author.books) for load in way))
                try:
                    for author in session.scalars(query).unique():
                        len(author.books)
                    counts[name] = f"n{len(sent)}"
                except sa.exc.InvalidRequestError:
                    counts[name] = "refuses"
    return counts


@proof("sqlalchemy")
def joined_without_unique() -> object:
    """Load a collection by a join, and take all."""
    with small_shop(authors=1) as engine, Session(engine) as session:
        try:
            session.scalars(sa.select(Author).options(joinedload(Author.books))).all()
        except sa.exc.SQLAlchemyError as error:
            return type(error)
    return "nothing was raised"


@proof("psycopg")
def uses_the_index() -> object:
    """Ask PostgreSQL for its plans, on 50,000 rows with an index on the address."""
    import psycopg

    queries = {
        "equal": "SELECT * FROM person WHERE email = 'p7@example.org'",
        "lower": "SELECT * FROM person WHERE lower(email) = 'p7@example.org'",
        "suffix": "SELECT * FROM person WHERE email LIKE '%@example.org' LIMIT 10",
        "ordered": "SELECT * FROM person ORDER BY email LIMIT 10",
    }
    with systems.postgres() as database, psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE person (id int PRIMARY KEY, email text, note text)")
        connection.execute(
            "INSERT INTO person SELECT n, 'p' || n || '@example.org', repeat('x', 100)"
            " FROM generate_series(1, 50000) n"
        )
        connection.execute("CREATE INDEX person_email ON person (email)")
        connection.execute("ANALYZE person")
        plans = {
            name: "\n".join(row[0] for row in connection.execute(f"EXPLAIN {query}"))
            for name, query in queries.items()
        }
        return [name for name, plan in plans.items() if "person_email" in plan]


# --- 6. pages -------------------------------------------------------------------------------------


@proof("sqlalchemy")
def offset_skips() -> object:
    """Read six books in pages of two by OFFSET; one of the first page is deleted on the way."""
    with small_shop(authors=3) as engine:
        seen: list[str] = []
        for page in range(3):
            query = sa.select(Book.title).order_by(Book.id).offset(2 * page).limit(2)
            with Session(engine) as session, session.begin():
                seen += session.scalars(query)
                if page == 0:
                    session.execute(sa.delete(Book).where(Book.title == "b0x"))
        return seen


@proof("psycopg")
def keyset_conditions() -> object:
    """Page through twelve rows of which several have the same time, with each condition."""
    import psycopg

    conditions = {
        "time": "at < %(at)s",
        "time_or_equal": "at <= %(at)s",
        "each": "at < %(at)s AND id < %(id)s",
        "row": "(at, id) < (%(at)s, %(id)s)",
    }
    exact = []
    with systems.postgres() as database, psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE event (id int PRIMARY KEY, at int)")
        connection.execute(
            "INSERT INTO event SELECT n, (n * 7) % 12 / 4 FROM generate_series(1, 12) n"
        )
        for name, condition in conditions.items():
            seen: list[int] = []
            last = {"at": 99, "id": 99}
            for _ in range(6):
                query = (
                    f"SELECT id, at FROM event WHERE {condition} ORDER BY at DESC, id DESC LIMIT 3"
                )
                rows = connection.execute(query, last).fetchall()
                if not rows:
                    break
                seen += [row[0] for row in rows]
                last = {"id": rows[-1][0], "at": rows[-1][1]}
            exact += [name] * (sorted(seen) == [*range(1, 13)])
    [only] = exact
    return only


@proof("psycopg")
def rows_behind_an_offset() -> object:
    """Read from EXPLAIN ANALYZE how many rows the server fetched for one page."""
    import json

    import psycopg

    with systems.postgres() as database, psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE event (id int PRIMARY KEY)")
        connection.execute("INSERT INTO event SELECT generate_series(1, 20000)")
        connection.execute("ANALYZE event")
        query = "SELECT id FROM event ORDER BY id OFFSET 10000 LIMIT 20"
        row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchone()
        assert row
        plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
        return int(plan[0]["Plan"]["Plans"][0]["Actual Rows"])


# --- 7. two at a time -----------------------------------------------------------------------------


@proof("psycopg")
def lost_update() -> object:
    """Two withdrawals of 60 from 100: both read, both compute, both write."""
    import psycopg

    read, write = "SELECT balance FROM account", "UPDATE account SET balance = %s"
    with account(100) as dsn, psycopg.connect(dsn) as one, psycopg.connect(dsn) as two:
        balances = [link.execute(read).fetchone() for link in (one, two)]
        for link, row in zip((one, two), balances, strict=True):
            if row and row[0] >= 60:
                link.execute(write, [row[0] - 60])
                link.commit()
        row = one.execute(read).fetchone()
        return row and row[0]


@proof("psycopg")
def cures_of_a_lost_update() -> object:
    """Two withdrawals of 60 from 100 at the same time, in five ways: which keep the books right?"""
    import psycopg

    def withdraw(link: Any, how: str, both_have_read: threading.Barrier) -> bool:
        if how == "one_statement":
            both_have_read.wait(20)
            query = "UPDATE account SET balance = balance - 60 WHERE id = 1 AND balance >= 60"
            return bool(link.execute(query).rowcount)
        lock = " FOR UPDATE" if how == "for_update" else ""
        row = link.execute(f"SELECT balance FROM account WHERE id = 1{lock}").fetchone()
        if how != "for_update":  # there the second cannot read before the first has committed
            both_have_read.wait(20)
        if row[0] < 60:
            return False
        write, values = "UPDATE account SET balance = %s WHERE id = 1", [row[0] - 60]
        if how == "compare":
            write, values = f"{write} AND balance = %s", [*values, row[0]]
        return bool(link.execute(write, values).rowcount)

    def attempt(dsn: str, how: str, barrier: threading.Barrier, paid: list[bool]) -> None:
        with suppress(psycopg.errors.SerializationFailure), psycopg.connect(dsn) as link:
            if how == "repeatable_read":
                link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            done = withdraw(link, how, barrier)
            link.commit()
            paid.append(done)

    right = []
    with account(100) as dsn, psycopg.connect(dsn, autocommit=True) as watcher:
        for how in ("transaction", "for_update", "one_statement", "repeatable_read", "compare"):
            watcher.execute("UPDATE account SET balance = 100")
            barrier = threading.Barrier(2)
            paid: list[bool] = []
            arguments = (dsn, how, barrier, paid)
            threads = [threading.Thread(target=attempt, args=arguments) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            row = watcher.execute("SELECT balance FROM account").fetchone()
            right += [how] * (row is not None and row[0] + 60 * sum(paid) == 100)
    return right


@proof("psycopg")
def second_writer() -> object:
    """Two transactions at REPEATABLE READ read a row; one writes and commits, then the other."""
    import psycopg

    with account(100) as dsn, psycopg.connect(dsn) as one, psycopg.connect(dsn) as two:
        for link in (one, two):
            link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            link.execute("SELECT balance FROM account").fetchone()
        one.execute("UPDATE account SET balance = 40")
        one.commit()
        try:
            two.execute("UPDATE account SET balance = 40")
        except psycopg.Error as error:
            return type(error)
    return "nothing was raised"


@proof("psycopg")
def write_skew() -> object:
    """Two doctors on call each see the other, and leave; how many stay, at each level?"""
    import psycopg

    levels = {
        "committed": psycopg.IsolationLevel.READ_COMMITTED,
        "repeatable": psycopg.IsolationLevel.REPEATABLE_READ,
        "serializable": psycopg.IsolationLevel.SERIALIZABLE,
    }
    left = {}
    with account(1, 1) as dsn, psycopg.connect(dsn) as one, psycopg.connect(dsn) as two:
        for name, level in levels.items():
            one.execute("UPDATE account SET balance = 1")
            one.commit()
            on_call = []
            for link in (one, two):
                link.isolation_level = level
                row = link.execute("SELECT sum(balance) FROM account").fetchone()
                on_call.append(row[0] if row else 0)
            with suppress(psycopg.errors.SerializationFailure):
                for number, link in enumerate((one, two), 1):
                    if on_call[number - 1] > 1:
                        link.execute("UPDATE account SET balance = 0 WHERE id = %s", [number])
                    link.commit()
            two.rollback()
            row = one.execute("SELECT sum(balance) FROM account").fetchone()
            one.commit()
            left[name] = f"n{row[0] if row else None}"
    return left


@proof("psycopg")
def deadlock() -> object:
    """Two transactions lock two rows, each in its own order."""
    import psycopg

    def transfer(dsn: str, rows: tuple[int, int], barrier: threading.Barrier) -> None:
        try:
            with psycopg.connect(dsn) as link:
                for row in rows:
                    link.execute("UPDATE account SET balance = balance + 1 WHERE id = %s", [row])
                    if row == rows[0]:
                        barrier.wait(20)
            told.append("committed")
        except psycopg.errors.DeadlockDetected:
            told.append("deadlock")

    told: list[str] = []
    with account(0, 0) as dsn:
        barrier = threading.Barrier(2)
        orders = ((1, 2), (2, 1))
        threads = [threading.Thread(target=transfer, args=(dsn, o, barrier)) for o in orders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return " and ".join(sorted(told))


@proof("sqlalchemy")
def stale_version() -> object:
    """Two sessions change the same row of a model with a version counter."""

    class Base(DeclarativeBase):
        pass

    class Page(Base):
        __tablename__ = "page"
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]
        version: Mapped[int] = mapped_column()
        __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    with shop() as engine:
        Base.metadata.create_all(engine)
        with Session(engine) as session, session.begin():
            session.add(Page(id=1, text="draft"))
        with Session(engine) as one, Session(engine) as two:
            pages = [session.get_one(Page, 1) for session in (one, two)]
            pages[0].text, pages[1].text = "mine", "yours"
            one.commit()
            try:
                two.commit()
            except Exception as error:
                return type(error)
    return "nothing was raised"


# --- 8. pools -------------------------------------------------------------------------------------


@proof("sqlalchemy")
def pool_defaults() -> object:
    """Read the settings of a pool that nobody configured."""
    pool: Any = sa.create_engine("postgresql+psycopg://app@db/shop").pool
    return (pool.size(), pool._max_overflow, pool.timeout(), pool._recycle, pool._pre_ping)


HOLDER = """
import sys
import sqlalchemy as sa

engine = sa.create_engine(sys.argv[1], pool_size=2, max_overflow=3, pool_timeout=0.1)
held = []
try:
    while True:
        held.append(engine.connect())
except sa.exc.TimeoutError:
    print("full", flush=True)
sys.stdin.read()
"""


@proof("sqlalchemy", "psycopg")
def connections_of_four_workers() -> object:
    """Four processes take all that their pools give; the server counts its connections."""
    import psycopg

    with systems.postgres() as database, psycopg.connect(database.dsn) as watcher:
        command = [sys.executable, "-c", HOLDER, f"{database.url}?application_name=worker"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        workers = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]
        for worker in workers:
            assert worker.stdout.readline() == b"full\n"
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'worker'"
        row = watcher.execute(query).fetchone()
        for worker in workers:
            worker.communicate()
        return row and row[0]


@proof("sqlalchemy")
def a_pool_that_is_full() -> object:
    """Ask a pool of one, with an overflow of one, for a third connection."""
    options: dict[str, Any] = {"pool_size": 1, "max_overflow": 1, "pool_timeout": 0.2}
    with shop(**options) as engine, engine.connect(), engine.connect():
        return raised(engine.connect)


@proof("sqlalchemy")
def after_a_restart() -> object:
    """Restart the server under three engines; what does the first query of each get?"""
    outcomes = {}
    with systems.postgres() as database:
        engines = {
            "plain": sa.create_engine(database.url),
            "pre_ping": sa.create_engine(database.url, pool_pre_ping=True),
            "under_way": sa.create_engine(database.url, pool_pre_ping=True),
        }
        for engine in engines.values():
            with engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        with engines["under_way"].connect() as held:
            held.execute(sa.text("SELECT 1"))
            database.restart()
            outcomes["under_way"] = raised(lambda: held.execute(sa.text("SELECT 1")))
        for name in ("plain", "pre_ping"):
            with engines[name].connect() as connection:
                outcomes[name] = raised(partial(connection.execute, sa.text("SELECT 1")))
        for engine in engines.values():
            engine.dispose()
    return {name: "works" if each == "nothing" else "raises" for name, each in outcomes.items()}


@proof("sqlalchemy")
def lines_that_leak() -> object:
    """Call each function of the listing twice; return the lines whose connection stays out."""
    lines = listing("lines_that_leak").splitlines()
    leaks, kept = [], []
    with shop() as engine:
        for number, line in enumerate(lines, 1):
            if line.startswith("def "):
                name = line[4:].partition("(")[0]
            if "engine" in line:
                fresh = sa.create_engine(engine.url)
                scope: dict[str, Any] = {"Session": Session, "engine": fresh, "sa": sa}
                exec("\n".join(lines), scope)
                for query in ("SELECT 1 / 0", "SELECT 1"):
                    try:
                        kept.append(scope[name](query))
                    except sa.exc.SQLAlchemyError as error:
                        kept.append(error)
                leaks += [number] * (fresh.pool.checkedout() > 0)  # type: ignore[attr-defined]
                fresh.dispose()
    return leaks


# --- 9. PgBouncer ---------------------------------------------------------------------------------


@proof("asyncpg", needs="pgbouncer")
def prepared_statements() -> object:
    """A client asks again while another one holds the connection that it had the first time."""
    import asyncpg  # type: ignore[import-untyped]

    async def run() -> str:
        with systems.postgres() as database, systems.pgbouncer(database, pool_size=2) as pooler:
            first, second = [await asyncpg.connect(pooler.dsn) for _ in range(2)]
            try:
                await first.fetchval("SELECT $1::int", 1)
                async with second.transaction():  # takes the connection that was used last
                    await second.execute("SELECT 1")
                    await first.fetchval("SELECT $1::int", 1)
                return "works"
            except asyncpg.InvalidSQLStatementNameError:
                return "prepared statement"
            finally:
                first.terminate()
                second.terminate()

    return asyncio.run(run())


@proof("psycopg", needs="pgbouncer")
def what_a_pooler_keeps_apart() -> object:
    """Two clients share one server connection; what does each do to the other?"""
    import psycopg

    safe = []
    with (
        systems.postgres() as database,
        systems.pgbouncer(database, pool_size=1) as pooler,
        psycopg.connect(pooler.dsn, autocommit=True, prepare_threshold=None) as one,
        psycopg.connect(pooler.dsn, autocommit=True, prepare_threshold=None) as two,
    ):

        def timeout_of_two() -> Any:
            row = two.execute("SHOW statement_timeout").fetchone()
            return row and row[0]

        with one.transaction():
            one.execute("SET LOCAL statement_timeout = '5s'")
        safe += ["set_local"] * (timeout_of_two() == "0")
        one.execute("SET statement_timeout = '7s'")
        safe += ["set"] * (timeout_of_two() == "0")
        lock = "SELECT pg_try_advisory_lock(1)"
        taken = [link.execute(lock).fetchone() for link in (one, two)]
        safe += ["advisory_lock"] * (taken == [(True,), (False,)])
        one.execute("CREATE TEMP TABLE cart (id int)")
        safe += ["temp_table"] * (raised(lambda: two.execute("SELECT * FROM cart")) != "nothing")
        with one.transaction():
            row = one.execute("SELECT pg_try_advisory_xact_lock(2)").fetchone()
        row = two.execute("SELECT count(*) FROM pg_locks WHERE objid = 2").fetchone()
        safe += ["xact_lock"] * (row == (0,))
    return safe


# --- 10. migrations -------------------------------------------------------------------------------


@proof("psycopg")
def queue_behind_an_alter() -> object:
    """A long reader, then an ALTER TABLE that waits for it, then a second reader."""
    import psycopg

    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with (
        account(1) as dsn,
        psycopg.connect(dsn) as reader,
        psycopg.connect(dsn, autocommit=True) as watcher,
        psycopg.connect(dsn, autocommit=True) as late,
    ):
        reader.execute("SELECT * FROM account")  # and the transaction stays open

        def alter() -> None:
            with suppress(psycopg.Error), psycopg.connect(dsn) as link:
                link.execute("ALTER TABLE account ADD COLUMN note text")

        thread = threading.Thread(target=alter)
        thread.start()
        eventually(lambda: watcher.execute(waiting).fetchone() == (1,))
        late.execute("SET statement_timeout = '500ms'")
        told = raised(lambda: late.execute("SELECT * FROM account"))
        reader.rollback()
        thread.join()
    return "waits" if told == "QueryCanceled" else "reads"


@proof("alembic", "sqlalchemy")
def renamed_column() -> object:
    """Rename an attribute of a model, and ask autogenerate what to do."""
    from alembic.autogenerate import produce_migrations
    from alembic.runtime.migration import MigrationContext

    with shop() as engine, engine.connect() as connection:
        renamed = sa.MetaData()
        for table in Base.metadata.tables.values():
            table.to_metadata(renamed)
        book = renamed.tables["book"]
        columns = [
            sa.Column("name" if c.name == "title" else c.name, c.type, *map(_copy, c.foreign_keys))
            for c in book.columns
        ]
        renamed.remove(book)
        columns[0].primary_key = True
        sa.Table("book", renamed, *columns)
        found = produce_migrations(MigrationContext.configure(connection), renamed)
        assert found.upgrade_ops
        kinds = [
            type(op).__name__
            for table in found.upgrade_ops.ops
            for op in getattr(table, "ops", [table])
            if "name" in str(op.to_diff_tuple()) or "title" in str(op.to_diff_tuple())
        ]
        return " and ".join(
            sorted({"AddColumnOp": "add", "DropColumnOp": "drop"}[k] for k in kinds)
        )


def _copy(key: sa.ForeignKey) -> sa.ForeignKey:
    return sa.ForeignKey(key.target_fullname)


@proof("psycopg")
def locks_of_ddl() -> object:
    """Watch which lock on the table each statement holds, or waits for."""
    import psycopg

    statements = {
        "index": "CREATE INDEX ON account (balance)",
        "concurrently": "CREATE INDEX CONCURRENTLY ON account (balance)",
        "column": "ALTER TABLE account ADD COLUMN note text",
        "update": "UPDATE account SET balance = 1",
    }
    query = "SELECT mode FROM pg_locks WHERE relation = 'account'::regclass AND pid <> %s"
    modes = {}
    with account(1) as dsn, psycopg.connect(dsn, autocommit=True) as watcher:
        for name, statement in statements.items():
            with psycopg.connect(dsn) as blocker:
                blocker.execute(
                    "UPDATE account SET balance = 2"
                )  # its end is what CONCURRENTLY awaits

                def run(statement: str = statement) -> None:
                    with psycopg.connect(dsn, autocommit=True) as link:
                        link.execute(statement)

                def look(pid: int = blocker.info.backend_pid) -> Any:
                    return [row[0] for row in watcher.execute(query, [pid]).fetchall()]

                thread = threading.Thread(target=run)
                if name == "concurrently":
                    thread.start()
                    [modes[name]] = set(eventually(look))
                    blocker.rollback()
                    thread.join()
                else:
                    blocker.rollback()
                    blocker.execute(statement)
                    found = watcher.execute(query, [0]).fetchall()
                    [modes[name]] = {row[0] for row in found}
                    blocker.rollback()
    return modes


@proof("psycopg")
def rewritten_tables() -> object:
    """Compare the table's file before and after a new column, with three kinds of default."""
    import psycopg

    query = "SELECT pg_relation_filenode('account')"
    rewritten = []
    with account(1) as dsn, psycopg.connect(dsn, autocommit=True) as link:
        for number, default in enumerate(("", "DEFAULT 0", "DEFAULT random()")):
            before = link.execute(query).fetchone()
            link.execute(f"ALTER TABLE account ADD COLUMN c{number} float {default}")
            rewritten.append(link.execute(query).fetchone() != before)
    return tuple(rewritten)
