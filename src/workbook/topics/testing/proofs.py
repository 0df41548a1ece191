"""The proofs of chapter 09: each runs pytest, or the library in question, and returns what it saw.

Most write a small project and run a real pytest in it, as a process of its own; what comes back is
how each test ended. *Show me* shows a learner the proof's own function: what the question is about
stands in it, its tools stand before it.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from workbook import scratch, systems
from workbook.sandbox import proof

# --- what several proofs need ---------------------------------------------------------------------


def outcomes(
    files: str, *, plugins: str = "", options: str = "", name: str = "suite", **env: str
) -> dict[str, str]:
    """Run the tests of a project; say of each test whether it passed, failed or had an error."""
    project = scratch.Project(name, files)
    command = f"python -m pytest -q -rA --tb=short -p no:cacheprovider {options}"
    told = project.run(command, env={"PYTEST_PLUGINS": plugins, **env}).output
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S+?::(\S+)", told, re.MULTILINE)
    return {test: how.lower() for how, test in found}


def uses(*libraries: str) -> None:
    """Import what only a child process of the proof uses: without it the proof is to fail."""
    for library in libraries:
        import_module(library)


def listing(question: str) -> list[str]:
    """Return the lines of a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    entry = next(entry for entry in entries if entry["id"] == question)
    text: str = entry.get("listing") or re.findall(r"```python\n(.*?)```", entry["prompt"], re.S)[0]
    return text.splitlines()


def holds(statement: Callable[[], Any]) -> bool:
    """Whether a statement comes to its end without a complaint."""
    try:
        statement()
    except (AssertionError, AttributeError, TypeError):
        return False
    return True


def what(statement: Callable[[], Any]) -> Any:
    """Return what a statement gives, or the class of the exception that it raises."""
    try:
        return statement()
    except Exception as error:
        return type(error)


#: Every asynchronous fixture and test is run, without a mark.
AUTO = "[pytest]\nasyncio_mode = auto\npythonpath = .\n"

# --- 1. what each level sees ----------------------------------------------------------------------

SHOP = """
# file: prices.py
def total(cents, member):
    return cents * 9 // 10 if member and cents >= 10_000 else cents
# file: orders.py
import sqlalchemy as sa
from prices import total
order = sa.Table("order", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                 sa.Column("customer", sa.String), sa.Column("cents", sa.Integer))
def place(connection, customer, cents, member=False):
    values = {"customer": customer, "cents": total(cents, member)}
    connection.execute(order.insert().values(values))
def newest_first(connection, customer):
    query = sa.select(order.c.cents).where(order.c.customer == customer)
    return list(connection.scalars(query.order_by(order.c.id.desc())))
# file: api.py
import os, sqlalchemy as sa
from typing import Annotated
from contextlib import asynccontextmanager
from fastapi import Depends, FastAPI, Request
import orders
@asynccontextmanager
async def lifespan(app):
    engine = sa.create_engine(os.environ["SHOP_DATABASE"])
    orders.order.metadata.create_all(engine)
    yield {"engine": engine}
app = FastAPI(lifespan=lifespan)
def get_connection(request: Request):
    with request.state.engine.begin() as connection:
        yield connection
Connection = Annotated[sa.Connection, Depends(get_connection)]
@app.post("/orders/{customer}/{cents}", status_code=201)
def post(customer: str, cents: int, connection: Connection):
    orders.place(connection, customer, cents)
@app.get("/orders/{customer}")
def get(customer: str, connection: Connection):
    return orders.newest_first(connection, customer)
# file: conftest.py
import pytest, sqlalchemy as sa
import orders
@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool,
                              connect_args={"check_same_thread": False})
    orders.order.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
# file: test_unit.py
from prices import total
def test_the_discount_begins_at_100_for_members():
    assert [total(9_999, True), total(10_000, True), total(10_000, False)] == [9_999, 9_000, 10_000]
# file: test_integration.py
from orders import newest_first, place
def test_the_newest_order_comes_first(connection):
    place(connection, "Ada", 100), place(connection, "Ada", 200), place(connection, "Bob", 300)
    assert newest_first(connection, "Ada") == [200, 100]
# file: test_api.py
from fastapi.testclient import TestClient
import api
def test_an_order_is_created(connection):
    api.app.dependency_overrides[api.get_connection] = lambda: connection
    assert TestClient(api.app).post("/orders/Ada/100").status_code == 201
# file: test_server.py
import httpx
from workbook import systems
def test_a_customer_sees_the_order(tmp_path):
    env = {"SHOP_DATABASE": f"sqlite:///{tmp_path}/shop.db"}
    with systems.serve("api:app", env=env) as site:
        httpx.post(f"{site.url}/orders/Ada/100").raise_for_status()
        assert httpx.get(f"{site.url}/orders/Ada").json() == [100]
"""


@proof("pytest", "fastapi")
def levels() -> Any:
    """Make one fault after the other; say which of four kinds of test fails."""

    uses("pytest", "fastapi")
    faults = {
        "boundary": ("cents >= 10_000", "cents > 10_000"),
        "query": (".desc()", ""),
        "status": (", status_code=201", ""),
        "setting": ('os.environ["SHOP_DATABASE"]', 'os.environ["SHOP_DB"]'),
    }

    def failing(fault: str) -> list[str]:
        broken = SHOP.replace(*faults[fault])
        told = outcomes(broken, name=fault, options="--tb=no --no-header")
        project = scratch.Project(f"{fault}-files", broken)
        tests = {file.stem: file.read_text("utf-8") for file in project.path.glob("test_*.py")}
        return [
            level.removeprefix("test_")
            for level, text in tests.items()
            if any(how != "passed" and f"def {test}(" in text for test, how in told.items())
        ]

    with ThreadPoolExecutor(4) as pool:
        seen = dict(zip(faults, pool.map(failing, faults), strict=True))
    return {fault: found[0] if len(found) == 1 else str(found) for fault, found in seen.items()}


# --- 2. fixtures, scopes, loops -------------------------------------------------------------------


@proof("pytest")
def fixture_order() -> Any:
    """Run the listing; return what its fixtures print."""

    uses("pytest")
    source = "\n".join(["import pytest", *listing("fixture_order")])
    project = scratch.Project("suite", {"test_shop.py": source})
    told = project.run("python -m pytest -q -s -p no:cacheprovider").output
    return [f"{name}_{way}" for name, way in re.findall(r"(browser|clock|cart) (up|down)", told)]


@proof("pytest")
def shared_basket() -> Any:
    """Run the two tests of the listing."""

    uses("pytest")
    source = "\n".join(["import pytest", *listing("shared_basket")])
    source += "\n\ndef test_last():\n    print('sizes:', sizes)\n"
    project = scratch.Project("suite", {"test_shop.py": source})
    told = project.run("python -m pytest -q -s").output
    return [int(each) for each in re.findall(r"\d+", told.split("sizes:")[1].split("]")[0])]


SCOPE_MISMATCH = """
    # file: test_shop.py
    import pytest
    @pytest.fixture(scope="session")
    def catalogue(tmp_path):
        file = tmp_path / "books.txt"
        file.write_text("SICP")
        return file
    def test_one(catalogue):
        assert catalogue.exists()
    def test_two(catalogue):
        assert catalogue.exists()
    """


@proof("pytest")
def scope_mismatch() -> Any:
    """A session-scoped fixture asks for a function-scoped one."""

    uses("pytest")
    files = SCOPE_MISMATCH
    ends = outcomes(files)
    project = scratch.Project("again", files)
    told = project.run("python -m pytest -q --tb=short").output
    return "mismatch" if "ScopeMismatch" in told else sorted(ends.values())


@proof("pytest", "pytest_asyncio")
def async_setups() -> Any:
    """Four ways to write an asynchronous test: how does it end?"""

    uses("pytest", "pytest_asyncio")
    test = "async def test_it(engine):\n    assert engine == 'engine'\n"
    fixture = "async def engine():\n    return 'engine'\n"
    mark = "import pytest, pytest_asyncio\n"
    plain = f"{mark}@pytest.fixture\ndef engine():\n    return 'engine'\n{test}"
    strict = f"{mark}@pytest.fixture\n{fixture}@pytest.mark.asyncio\n{test}"
    marked = f"{mark}@pytest_asyncio.fixture\n{fixture}@pytest.mark.asyncio\n{test}"
    auto = f"{mark}@pytest.fixture\n{fixture}{test}"

    def end(source: str, plugins: str, ini: str = "[pytest]") -> str:
        files = f"# file: pytest.ini\n{ini}\n# file: test_it.py\n{source}"
        return outcomes(files, plugins=plugins)["test_it"]

    asyncio_plugin = "pytest_asyncio.plugin"
    return {
        "no_plugin": end(plain, ""),
        "strict": end(strict, asyncio_plugin),
        "marked": end(marked, asyncio_plugin),
        "auto": end(auto, asyncio_plugin, AUTO),
    }


@proof("pytest_asyncio")
def event_loop_fixture() -> Any:
    """Override ``event_loop`` as older guides do; see what the tests ran on."""

    uses("pytest_asyncio")
    files = f"""
# file: pytest.ini
{AUTO}
# file: test_loops.py
import asyncio, pytest
made, used = [], []
@pytest.fixture(scope="session")
def event_loop():
    made.append(asyncio.new_event_loop())
    yield made[-1]
    made[-1].close()
async def test_one():
    used.append(asyncio.get_running_loop())
async def test_two():
    used.append(asyncio.get_running_loop())
def test_what_became_of_it():
    same = used[0] is used[1]
    print("seen:", len(made), "made,", "one loop" if same else "two loops")
"""
    project = scratch.Project("suite", files)
    told = project.run("python -m pytest -q -s", env={"PYTEST_PLUGINS": "pytest_asyncio.plugin"})
    found = re.search(r"seen: (\d made), (\w+ loops?)", told.output)
    assert found, told.output
    return f"{found[1]}, {found[2]}"


LOOPS = """
# file: pytest.ini
[pytest]
asyncio_mode = auto
{ini}
# file: test_loops.py
import os, pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
@pytest.fixture(scope="{scope}")
async def engine():
    engine = create_async_engine(os.environ["DATABASE"]{pool})
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    yield engine
    await engine.dispose()
async def test_one(engine):
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
async def test_two(engine):
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
"""


@proof("asyncpg", "pytest_asyncio")
def two_loops() -> Any:
    """An engine for the session, and five changes: with which do both tests pass?"""

    uses("asyncpg", "pytest_asyncio")
    session = {"scope": "session", "pool": "", "ini": ""}
    ways = {
        "fixtures": {**session, "ini": "asyncio_default_fixture_loop_scope = session"},
        "tests": {**session, "ini": "asyncio_default_test_loop_scope = session"},
        "function": {**session, "scope": "function"},
        "null pool": {**session, "pool": ", poolclass=NullPool"},
        "pre-ping": {**session, "pool": ", pool_pre_ping=True"},
    }
    with systems.postgres() as database, ThreadPoolExecutor(3) as pool:
        url = database.url.replace("+psycopg", "+asyncpg")

        def passes(way: str) -> bool:
            ends = outcomes(
                LOOPS.format(**ways[way]),
                plugins="pytest_asyncio.plugin",
                name=way.replace(" ", "-"),
                DATABASE=url,
            )
            return [*ends.values()] == ["passed", "passed"]

        return [way for way, passed in zip(ways, pool.map(passes, ways), strict=True) if passed]


# --- 3. a real database ---------------------------------------------------------------------------

USERS = f"""
# file: pytest.ini
{AUTO}
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
# file: users.py
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    pass
class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
async def create_user(session, email):
    user = User(email=email)
    session.add(user)
    await session.commit()
    return user
# file: conftest.py
import os, pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from users import Base
@pytest.fixture(scope="session")
async def engine():
    engine = create_async_engine(os.environ["DATABASE"])
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()
@pytest.fixture
async def session(engine):
    async with AsyncSession(engine, OPTIONS) as session:
        yield session
        await session.rollback()
# file: test_users.py
from users import create_user
async def test_one(session):
    user = await create_user(session, "ada@example.com")
    assert user.email == "ada@example.com"
async def test_two(session):
    user = await create_user(session, "ada@example.com")
    assert user.email == "ada@example.com"
"""


def users(options: str) -> str:
    """Run the two tests on a PostgreSQL; return what pytest printed."""
    with systems.postgres() as database:
        project = scratch.Project("users", USERS.replace("OPTIONS", options))
        env = {"DATABASE": database.url.replace("+psycopg", "+asyncpg")}
        env |= {"PYTEST_PLUGINS": "pytest_asyncio.plugin"}
        return project.run("python -m pytest -q -rA --tb=short", env=env).output


@proof("asyncpg", "sqlalchemy")
def second_test() -> Any:
    """The session is rolled back after each test; how does the second one end?"""

    uses("asyncpg", "sqlalchemy")
    told = users("expire_on_commit=False")
    assert "PASSED test_users.py::test_one" in told, told
    if "PASSED test_users.py::test_two" in told:
        return "passes"
    return "UniqueViolation" if "UniqueViolationError" in told else told


@proof("asyncpg", "sqlalchemy")
def expired_in_a_test() -> Any:
    """The test's session has default settings; read an attribute after the commit."""
    from sqlalchemy import exc

    told = users("")
    failed = re.search(r"FAILED test_users.py::test_one - (?:\w+\.)*(\w+)", told)
    uses("asyncpg")
    assert failed, told
    return getattr(exc, failed[1])


@contextmanager
def parts() -> Iterator[Any]:
    """Give an engine on a PostgreSQL with a table whose ``boss`` is checked at the commit."""
    import sqlalchemy as sa

    with systems.postgres() as database:
        engine = sa.create_engine(database.url)
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE part (id serial PRIMARY KEY, name text UNIQUE CHECK (name > ''),"
                " boss int REFERENCES part (id) DEFERRABLE INITIALLY DEFERRED)"
            )
        yield engine
        engine.dispose()


@proof("sqlalchemy", "psycopg")
def savepoint_statements() -> Any:
    """Log what the engine does while a service commits in an isolated session."""
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    uses("psycopg")
    seen: list[str] = []
    with parts() as engine:
        for name in ("begin", "commit", "rollback"):
            sa.event.listen(engine, name, lambda _, name=name: seen.append(name))
        for name in ("savepoint", "release_savepoint", "rollback_savepoint"):
            sa.event.listen(engine, name, lambda *_, name=name: seen.append(name))

        @sa.event.listens_for(engine, "before_cursor_execute")
        def insert(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT"):
                seen.append("insert")

        with engine.connect() as connection:
            outer = connection.begin()
            with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
                session.execute(sa.text("INSERT INTO part (name) VALUES ('nut')"))
                session.commit()
            outer.rollback()
    return [each.removesuffix("_savepoint") if "release" in each else each for each in seen]


def run(session: Any, *statements: str) -> str:
    """Execute statements, with a commit after each; return the name of the error that ends it."""
    from sqlalchemy import exc, text

    try:
        for statement in statements:
            session.execute(text(statement))
            session.commit()
    except exc.DBAPIError as error:
        return type(error.orig).__name__
    return "nothing"


def seen_elsewhere(session: Any, engine: Any) -> Any:
    """Commit a row in the session; count the rows by a connection of another's."""
    from sqlalchemy import text

    run(session, "INSERT INTO part (name) VALUES ('nut')")
    with engine.connect() as other:
        return other.scalar(text("SELECT count(*) FROM part"))


def clock_moves(session: Any) -> bool:
    """Whether ``now()`` is another time after a commit."""
    from sqlalchemy import text

    first = session.scalar(text("SELECT now()"))
    session.commit()
    return bool(session.scalar(text("SELECT now()")) != first)


@contextmanager
def isolated(engine: Any) -> Iterator[Any]:
    """Give a session whose commits release savepoints, in a transaction that is rolled back."""
    from sqlalchemy.orm import Session

    with engine.connect() as connection:
        outer = connection.begin()
        with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@proof("sqlalchemy", "psycopg")
def what_isolation_hides() -> Any:
    """Do five things in an ordinary session and in an isolated one: where do the two differ?"""
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    uses("psycopg")
    insert = "INSERT INTO part (name, boss) VALUES "
    things: dict[str, Callable[[Any, Any], Any]] = {
        "duplicate": lambda session, _: run(session, *[f"{insert} ('nut', NULL)"] * 2),
        "check": lambda session, _: run(session, f"{insert} ('', NULL)"),
        "deferred": lambda session, _: run(session, f"{insert} ('nut', 99)"),
        "other connection": seen_elsewhere,
        "now": lambda session, _: clock_moves(session),
    }
    differ = []
    with parts() as engine:
        for name, thing in things.items():
            with Session(engine) as session:
                ordinary = thing(session, engine)
            with engine.begin() as connection:
                connection.execute(text("TRUNCATE part"))
            with isolated(engine) as session:
                differ += [name] * (ordinary != thing(session, engine))
    return differ


LEAKING_LINES = """
import os, pytest, sqlalchemy as sa
from sqlalchemy.orm import Session
@pytest.fixture(scope="session")
def engine():
    return sa.create_engine(os.environ["DATABASE"])
{}
def count(session):
    return session.scalar(sa.text("SELECT count(*) FROM part"))
def add(session):
    session.execute(sa.text("INSERT INTO part (name) VALUES ('nut')"))
    session.commit()
def test_one(session):
    add(session)
def test_two(session):
    assert count(session) == 0
"""


@proof("sqlalchemy", "psycopg")
def leaking_lines() -> Any:
    """Put each line of the listing, alone, into a fixture that is right; see which rows stay."""
    import sqlalchemy as sa

    uses("psycopg")
    right = {
        1: "@pytest.fixture",
        5: '    session = Session(connection, join_transaction_mode="create_savepoint")',
        8: "    connection.get_transaction().rollback()",
    }
    given = listing("leaking_lines")
    tests = LEAKING_LINES
    faulty = []
    with parts() as engine:
        env = {"DATABASE": engine.url.render_as_string(hide_password=False)}
        for number in (None, *range(1, len(given) + 1)):
            lines = dict(enumerate(given, 1))
            repaired = {n: line for n, line in right.items() if n != number}
            if number is not None and number not in right:
                continue  # the line is in the repaired fixture as it stands
            source = "\n".join({**lines, **repaired}.values())
            ends = outcomes(f"# file: test_it.py\n{tests.format(source)}", **env)
            leaks = ends != {"test_one": "passed", "test_two": "passed"}
            assert number or not leaks, ends
            faulty += [number] * leaks
            with engine.begin() as connection:
                connection.execute(sa.text("TRUNCATE part"))
    return faulty


# --- 4. the application under test ----------------------------------------------------------------


OVERRIDE_OF_A_TWIN = """
    # file: database.py
    import os, sqlite3
    def connect(path):
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.execute("CREATE TABLE IF NOT EXISTS user (email)")
        return connection
    def get_session():
        yield connect("real.db")
    # file: dependencies.py
    from database import connect
    def get_session():
        yield connect("real.db")
    # file: main.py
    from fastapi import Depends, FastAPI
    from dependencies import get_session
    app = FastAPI()
    @app.post("/users/{email}", status_code=201)
    def create(email, session=Depends(get_session)):
        session.execute("INSERT INTO user VALUES (?)", [email])
    # file: test_users.py
    from fastapi.testclient import TestClient
    from database import connect, get_session
    from main import app
    def test_create():
        app.dependency_overrides[get_session] = lambda: connect("test.db")
        assert TestClient(app).post("/users/ada").status_code == 201
    def test_where_the_row_is():
        for name in ("real", "test"):
            rows = connect(f"{name}.db").execute("SELECT * FROM user").fetchall()
            print(f"seen: {name} {len(rows)}")
    """


@proof("fastapi")
def override_of_a_twin() -> Any:
    """The test overrides a function that is not the one the route depends on."""

    uses("fastapi")
    files = OVERRIDE_OF_A_TWIN
    project = scratch.Project("twin", files)
    told = project.run("python -m pytest -q -s -rA").output
    rows = dict(re.findall(r"seen: (\w+) (\d)", told))
    end = "passes" if "PASSED test_users.py::test_create" in told else "fails"
    place = [name for name, count in rows.items() if count == "1"]
    return f"{end}, row in {' and '.join(place) or 'none'}"


@proof("httpx")
def async_client_app() -> Any:
    """Give httpx 0.28 an application, as one did before."""
    import httpx

    names: dict[str, Any] = {"httpx": httpx, "app": None}
    return what(lambda: exec("\n".join(listing("async_client_app")), names))


@proof("fastapi", "httpx")
def lifespan_in_tests() -> Any:
    """Ask an application with a lifespan in four ways; see whether it ran."""
    import httpx
    from fastapi.testclient import TestClient

    source = """
from contextlib import asynccontextmanager
from fastapi import FastAPI
log = []
@asynccontextmanager
async def lifespan(app):
    log.append("up")
    yield
app = FastAPI(lifespan=lifespan)
@app.get("/")
def seen():
    return log
"""
    module = systems.module("with_lifespan", source)

    async def by_transport() -> list[str]:
        transport = httpx.ASGITransport(app=module.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return list((await client.get("/")).json())

    def started() -> list[str]:
        with TestClient(module.app) as client:
            return list(client.get("/").json())

    seen = {
        "transport": asyncio.run(by_transport()),
        "plain": TestClient(module.app).get("/").json(),
    }
    seen["with"] = started()
    with systems.serve("with_lifespan:app") as site:
        seen["server"] = httpx.get(site.url).json()
    return {way: "runs" if log else "does_not" for way, log in seen.items()}


@proof("fastapi")
def error_in_a_route() -> Any:
    """Ask for a route that fails, with the TestClient as it comes."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    names: dict[str, Any] = {"FastAPI": FastAPI, "TestClient": TestClient}
    *definition, last = listing("error_in_a_route")
    exec("\n".join(definition), names)
    return what(lambda: eval(last, names))


@proof("fastapi", "httpx")
def override_kinds() -> Any:
    """Override a dependency in four ways; note the thread in which each override runs."""
    import threading

    import httpx
    from fastapi import Depends, FastAPI

    app, seen = FastAPI(), dict[str, str]()

    def dependency() -> str:
        return "the real session"

    @app.get("/")
    async def route(session: str = Depends(dependency)) -> str:
        return session

    def note(kind: str) -> str:
        here = threading.current_thread() is threading.main_thread()
        seen[kind] = "loop" if here else "worker"
        return "a session"

    def generator() -> Iterator[str]:
        yield note("generator")

    async def coroutine() -> str:
        return note("coroutine")

    async def async_generator() -> Any:
        yield note("async_generator")

    async def ask() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for override in (generator, lambda: note("lambda"), coroutine, async_generator):
                app.dependency_overrides[dependency] = override
                assert (await client.get("/")).json() == "a session"

    asyncio.run(ask())
    return seen


@proof("fastapi")
def vacuous_tests() -> Any:
    """Ask an application that has lost its route; which expectations notice?"""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    client = TestClient(FastAPI())
    missing, text, kind = client.get("/users/999"), client.get("/users/1"), client.get("/users/ada")
    expected = {
        "404": missing.status_code == 404,
        "detail": missing.json() == {"detail": "There is no user 999"},
        "no address": "@" not in missing.text,
        "200": text.status_code == 200,
        "422": kind.status_code == 422,
    }
    return [name for name, passes in expected.items() if not passes]


# --- 5. stand-ins ---------------------------------------------------------------------------------


@proof("unittest.mock")
def never_awaited() -> Any:
    """The service forgets an ``await``; which assertions on the mock notice?"""
    import warnings
    from unittest.mock import AsyncMock

    warnings.simplefilter("ignore", RuntimeWarning)
    mailer = AsyncMock()

    async def welcome(address: str) -> None:
        mailer.send(address, subject="Welcome")  # no await

    asyncio.run(welcome("ada@example.com"))
    assertions = {
        "called": mailer.send.assert_called_once,
        "awaited": mailer.send.assert_awaited_once,
        "called with": lambda: mailer.send.assert_called_once_with(
            "ada@example.com", subject="Welcome"
        ),
        "awaited with": lambda: mailer.send.assert_awaited_once_with(
            "ada@example.com", subject="Welcome"
        ),
    }
    return [name for name, check in assertions.items() if not holds(check)]


@proof("unittest.mock")
def autospec() -> Any:
    """Use a mock with ``create_autospec`` in five wrong ways; which does it refuse?"""
    from unittest.mock import create_autospec

    class Rates:
        def __init__(self, base: str) -> None:
            self.base = base

        def convert(self, amount: int, currency: str) -> int:
            return amount

    rates = create_autospec(Rates, instance=True)
    rates.convert.return_value = "12 EUR"
    uses = {
        "method": lambda: rates.covnert(1, "EUR"),
        "argument": lambda: rates.convert(1, curency="EUR"),
        "missing": lambda: rates.convert(1),
        "return": lambda: rates.convert(1, "EUR"),
        "value": lambda: rates.convert(1, "no such currency"),
    }
    return [name for name, use in uses.items() if not holds(use)]


@proof("unittest.mock")
def patch_target() -> Any:
    """Patch each target in turn; see which one keeps the real function from being called."""
    from unittest.mock import patch

    mailing = systems.module("mailing", "sent = []\ndef send(to):\n    sent.append(to)\n")
    register = "def register(address):\n    send(address)\n"
    signup = systems.module("signup", f"from mailing import send\n{register}")

    works = []
    for target in ("mailing.send", "signup.send", "signup.mailing.send", "signup.register.send"):
        mailing.sent.clear()
        try:
            with patch(target):
                signup.register("ada@example.com")
        except (AttributeError, ImportError):
            continue
        works += [target] * (mailing.sent == [])
    return works[0] if len(works) == 1 else works


def respond(request: Any) -> Any:
    """Answer as the provider's documentation says; everything else is not found."""
    import httpx

    if request.url.path != "/v1/charges" or b'"cents":500' not in request.content:
        return httpx.Response(404, json={"error": "no such thing"})
    return httpx.Response(201, json={"id": "ch_1"})


def charge(client: Any, fault: str) -> Any:
    """Charge 500 cents, with a fault."""
    body = {"cents": 500, "currency": object() if fault == "body" else "eur"}
    path = "/v1/charge" if fault == "path" else "/v1/charges"
    response = client.post(path, json={"amount": 500} if fault == "field" else body)
    if fault != "unchecked":
        response.raise_for_status()
    return response.json()["id"]


@proof("httpx")
def transport_faults() -> Any:
    """Four faulty clients, with ``client.post`` mocked and with the transport replaced."""
    from unittest.mock import Mock

    import httpx

    def notices(client: Any, fault: str) -> bool:
        return bool(what(lambda: charge(client, fault)) != "ch_1")

    revealed = []
    mock = Mock(**{"post.return_value.json.return_value": {"id": "ch_1"}})
    for fault in ("path", "field", "body", "unchecked"):
        transport = httpx.MockTransport(respond)
        with httpx.Client(transport=transport, base_url="http://pay") as client:
            assert not notices(client, "none"), "the right client must pass"
            assert not notices(mock, fault), "the mock agrees to anything"
            revealed += [fault] * notices(client, fault)
    return revealed


class Duplicate(Exception):
    """A store has a book of this number."""


class TableStore:
    """The real one: books in a table."""

    def __init__(self) -> None:
        import sqlalchemy as sa

        self.sa, self.engine = sa, sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        isbn, tags = sa.Column("isbn", sa.String, primary_key=True), sa.Column("tags", sa.JSON)
        self.table = sa.Table("book", sa.MetaData(), isbn, tags)
        self.table.metadata.create_all(self.engine)

    def add(self, isbn: str, tags: list[str]) -> None:
        try:
            with self.engine.begin() as connection:
                connection.execute(self.table.insert().values(isbn=isbn, tags=tags))
        except self.sa.exc.IntegrityError as error:
            raise Duplicate(isbn) from error

    def get(self, isbn: str) -> Any:
        query = self.sa.select(self.table.c.tags).where(self.table.c.isbn == isbn)
        with self.engine.connect() as connection:
            return connection.scalar(query)


@proof("sqlalchemy")
def fake_and_real() -> Any:
    """Run one contract against a store on a database and against the fake of the listing."""

    def found(store: Any) -> bool:
        store.add("1", ["python"])
        return bool(store.get("1") == ["python"])

    def absent(store: Any) -> bool:
        return store.get("2") is None

    def refuses(store: Any) -> bool:
        store.add("1", [])
        return what(lambda: store.add("1", [])) is Duplicate

    def keeps(store: Any) -> bool:
        tags = ["python"]
        store.add("1", tags)
        tags.append("later")
        return bool(store.get("1") == ["python"])

    names: dict[str, Any] = {}
    exec("\n".join(listing("fake_and_real")), names)
    contract = {"found": found, "absent": absent, "refuses": refuses, "keeps": keeps}
    assert all(check(TableStore()) for check in contract.values())
    return [name for name, check in contract.items() if not check(names["FakeStore"]())]


# --- 6. properties --------------------------------------------------------------------------------


@proof("hypothesis")
def shrunk() -> Any:
    """Let Hypothesis find a list on which the listing's property fails; return what it reports."""
    from hypothesis import find, settings
    from hypothesis import strategies as st

    names: dict[str, Any] = {}
    exec("\n".join(listing("shrunk")), {"given": lambda *_: lambda f: f, "st": st}, names)

    def fails(numbers: list[int]) -> bool:
        return what(lambda: names["test_total"](numbers)) is AssertionError

    return find(st.lists(st.integers()), fails, settings=settings(database=None, deadline=None))


@proof("hypothesis")
def properties_that_notice() -> Any:
    """A sort that drops duplicates; which properties does Hypothesis refute?"""
    from collections import Counter

    from hypothesis import given, settings
    from hypothesis import strategies as st

    def faulty(numbers: list[int]) -> list[int]:
        return sorted(set(numbers))

    claims: dict[str, Callable[[list[int]], bool]] = {
        "ascending": lambda xs: all(
            a <= b for a, b in zip(faulty(xs), faulty(xs)[1:], strict=False)
        ),
        "length": lambda xs: len(faulty(xs)) == len(xs),
        "same set": lambda xs: set(faulty(xs)) == set(xs),
        "idempotent": lambda xs: faulty(faulty(xs)) == faulty(xs),
        "counts": lambda xs: Counter(faulty(xs)) == Counter(xs),
    }

    def refuted(claim: Callable[[list[int]], bool]) -> bool:
        @settings(database=None, deadline=None)
        @given(st.lists(st.integers(0, 9)))
        def check(numbers: list[int]) -> None:
            assert claim(numbers)

        return not holds(check)

    return [name for name, claim in claims.items() if refuted(claim)]


SCHEMA_FINDINGS = """
    # file: shop.py
    from typing import Annotated
    from fastapi import FastAPI, Query
    from pydantic import BaseModel
    class Price(BaseModel):
        cents: int
    app = FastAPI()
    @app.get("/share")
    def share(people: int) -> int:
        return 1000 // people
    @app.get("/shared")
    def shared(people: Annotated[int, Query(ge=1)]) -> int:
        return 1000 // people
    @app.get("/double")
    def double(cents: int) -> int:
        return cents
    @app.get("/price")
    def price(cents: int) -> Price:
        return {"cents": "free" if cents > 10_000 else cents}
    # file: test_shop.py
    import schemathesis
    from hypothesis import settings
    from shop import app
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    @schema.parametrize()
    @settings(deadline=None, max_examples=40, derandomize=True)
    def test_api(case):
        try:
            assert case.call().status_code < 500
        except Exception:
            open("found-" + case.path.strip("/"), "w").close()
            raise
    """


@proof("schemathesis")
def schema_findings() -> Any:
    """Let Schemathesis ask four routes whatever their schema allows."""

    uses("schemathesis")
    files = SCHEMA_FINDINGS
    plugins = "_hypothesis_pytestplugin,schemathesis.pytest.plugin"
    project = scratch.Project("schema", files)
    command = "python -m pytest -q --tb=no -p no:cacheprovider"
    told = project.run(command, env={"PYTEST_PLUGINS": plugins}).output
    assert "2 failed, 2 passed" in told, told
    return sorted(file.name.removeprefix("found-") for file in project.path.glob("found-*"))


# --- 7. coverage and mutation ---------------------------------------------------------------------


@proof("pytest_cov", "coverage")
def branch_coverage() -> Any:
    """Run the listing's test with branch coverage; return the percentage reported."""

    uses("coverage", "pytest_cov")
    code, _, test = "\n".join(listing("branch_coverage")).partition("# test_shipping.py")
    files = {"shipping.py": code, "test_shipping.py": f"from shipping import cost\n{test}"}
    project = scratch.Project("covered", files)
    command = "python -m pytest -q --cov=shipping --cov-branch"
    told = project.run(command, env={"PYTEST_PLUGINS": "pytest_cov.plugin"}).output
    found = re.search(r"shipping\.py.* (\d+)%", told)
    assert found, told
    return int(found[1])


@proof("pytest")
def surviving_lines() -> Any:
    """Change each marked line of the listing; see after which change the test still passes."""

    uses("pytest")
    changes = {
        2: ("return 0", "return 1"),
        3: ("50", "51"),
        4: ("= 0", "= 1"),
        6: ("+= 10", "+= 11"),
        7: ("return price", "return price + 1"),
    }
    lines = listing("surviving_lines")
    cut = next(number for number, line in enumerate(lines) if line.startswith("# test"))
    survivors = []
    for number, change in {**changes, 0: ("", "")}.items():
        code = lines[:cut]
        if number:
            assert change[0] in code[number - 1], (number, code[number - 1])
            code = [*code[: number - 1], code[number - 1].replace(*change), *code[number:]]
        files = "# file: shipping.py\n" + "\n".join(code)
        files += "\n# file: test_it.py\nfrom shipping import cost\n" + "\n".join(lines[cut + 1 :])
        ends = outcomes(files)
        assert ends == {"test_cost": "passed"} or number, "the test passes on the code as it is"
        survivors += [number] * (number > 0 and ends["test_cost"] == "passed")
    return survivors


# --- 8. flaky tests -------------------------------------------------------------------------------


FLAKY_CAUSES = """
    # file: conftest.py
    import os, time
    def pytest_runtest_setup(item):
        if "DAY" in os.environ:
            import time_machine
            item.day = time_machine.travel(os.environ["DAY"], tick=False)
            item.day.start()
    def pytest_runtest_teardown(item):
        if hasattr(item, "day"):
            item.day.stop()
    # file: test_shop.py
    import os, threading, time, datetime
    stock = {}
    def test_stock_a():
        stock["SICP"] = 1
    def test_stock_b():
        assert stock["SICP"] == 1
    def test_tags():
        assert list({"python", "async"}) == EXPECTED
    def test_due():
        today = datetime.date.today()
        assert today.replace(month=today.month % 12 + 1) > today
    def test_mail():
        sent = []
        delay = float(os.environ.get("DELAY", "0"))
        worker = threading.Thread(target=lambda: (time.sleep(delay), sent.append("mail")))
        worker.start()
        time.sleep(0.5)
        found = list(sent)
        worker.join()
        assert found == ["mail"]
    """


def other_seed() -> tuple[str, str]:
    """Return the order of a set under hash seed 0, and a seed that gives another one."""
    order = scratch.Project("order", "# file: order.py\nprint(list({'python', 'async'}))")
    usual = {
        seed: order.run("python order.py", env={"PYTHONHASHSEED": seed}).output
        for seed in "0123456789"
    }
    return usual["0"], next(seed for seed in usual if usual[seed] != usual["0"])


@proof("pytest", "time_machine")
def flaky_causes() -> Any:
    """Run four flaky tests under four conditions; which one makes each fail?"""

    uses("pytest", "time_machine")
    expected, seed = other_seed()
    files = FLAKY_CAUSES.replace("EXPECTED", expected)
    names = ("test_stock_b", "test_tags", "test_due", "test_mail")
    conditions: dict[str, dict[str, str]] = {
        "order": {"options": " ".join(f"test_shop.py::{n}" for n in (*names, "test_stock_a"))},
        "seed": {"PYTHONHASHSEED": seed},
        "day": {"DAY": "2026-12-31T12:00+00:00"},
        "load": {"DELAY": "1.5"},
        "none": {},
    }

    def failing(condition: str) -> list[str]:
        how = {"DAY": "2026-05-05T12:00+00:00", **conditions[condition]}
        ends = outcomes(files, name=condition, **how)
        return [name for name in names if ends[name] != "passed"]

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(conditions, pool.map(failing, conditions), strict=True))
    assert found["none"] == [], found
    return {
        name.removeprefix("test_").removesuffix("_b"): " and ".join(
            condition for condition in found if name in found[condition]
        )
        for name in names
    }


# --- 9. time, tasks, processes --------------------------------------------------------------------


def server_year(dsn: str) -> Any:
    """Ask PostgreSQL for the year."""
    import psycopg

    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT extract(year FROM now())::int").fetchone()
        return row[0] if row else None


def child_year() -> int:
    """Ask another process, started now, for the year."""
    code = "import time; print(time.gmtime(time.time()).tm_year)"
    return int(subprocess.check_output([sys.executable, "-c", code]))


async def loop_time() -> float:
    """Return what the clock of an event loop says."""
    return asyncio.get_running_loop().time()


@proof("time_machine")
def what_travels() -> Any:
    """Travel to 2030 and ask five clocks what time it is."""
    import time_machine

    before = asyncio.run(loop_time())
    with (
        systems.postgres() as database,
        time_machine.travel(datetime(2030, 6, 1, tzinfo=UTC), tick=False),
    ):
        years = {
            "datetime": datetime.now(UTC).year,
            "time": time.gmtime(time.time()).tm_year,
            "server": server_year(database.dsn),
            "child": child_year(),
            "loop": 2030 if asyncio.run(loop_time()) - before > 86_400 else 0,
        }
    return [name for name, year in years.items() if year == 2030]


@proof("celery")
def task_arguments() -> Any:
    """Give a task a tuple in four ways; say what it gets."""
    from celery import Celery
    from celery.contrib.testing.worker import start_worker

    app = Celery("shop", broker="memory://", backend="cache+memory://")
    seen: list[str] = []

    @app.task
    def ship(lines: Any) -> None:
        seen.append(type(lines).__name__)

    ways: Mapping[str, Callable[[], Any]] = {
        "call": lambda: ship((1, 2)),
        "apply": lambda: ship.apply([(1, 2)]),
        "eager": lambda: ship.delay((1, 2)),
    }
    app.conf.task_always_eager = True
    for way in ways.values():
        way()
    app.conf.task_always_eager = False
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
        ship.delay((1, 2))
        deadline = time.monotonic() + 20
        while len(seen) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
    return dict(zip([*ways, "worker"], seen, strict=True))


SESSION_FIXTURES_UNDER_XDIST = """
    # file: test_shop.py
    import os, time, pytest
    @pytest.fixture(scope="session")
    def database():
        open(f"made-{os.getpid()}", "w").close()
    @pytest.mark.parametrize("number", range(8))
    def test_it(database, number):
        time.sleep(0.1)
    """


@proof("xdist")
def session_fixtures_under_xdist() -> Any:
    """Run eight tests in two workers; count how often the session's fixture was set up."""

    uses("xdist")
    files = SESSION_FIXTURES_UNDER_XDIST
    project = scratch.Project("parallel", files)
    told = project.run("python -m pytest -q -n 2", env={"PYTEST_PLUGINS": "xdist.plugin"})
    assert told.code == 0, told.output
    return len(list(project.path.glob("made-*")))
