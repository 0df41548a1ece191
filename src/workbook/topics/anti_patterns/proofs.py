"""The proofs of chapter 10: each runs the real library or tool and returns what it observed.

What is counted or ordered is returned; nothing depends on how fast the machine is, beyond waits
that are long beside what they wait for.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import gc
import json
import os
import random
import re
import socket
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbook import scratch, systems
from workbook.sandbox import proof

# --- what several proofs need ---------------------------------------------------------------------


def listing(question: str) -> str:
    """Return a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    entry = next(entry for entry in entries if entry["id"] == question)
    return str(entry.get("listing") or entry["prompt"])


def ruff_lines(source: str, rules: str) -> list[int]:
    """Return the lines on which ruff reports one of these rules."""
    import ruff  # type: ignore[import-untyped]  # noqa: F401 -- the program comes with it

    project = scratch.Project("linted", {"code.py": source})
    command = f"ruff check --isolated --no-cache --select {rules} --output-format json code.py"
    reports = json.loads(project.run(command).output)
    return sorted({report["location"]["row"] for report in reports})


@contextlib.contextmanager
def listener() -> Iterator[tuple[int, list[int]]]:
    """Listen on a port, hang up on whoever calls, and note each call in the list."""
    calls: list[int] = []
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                server.accept()[0].close()
                calls.append(1)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()[1], calls
    finally:
        server.close()


async def ask(app: Any, *requests: str) -> list[Any]:
    """Send requests, such as "GET /users", to an application in this process, in turn."""
    import httpx

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        return [await http.request(*request.split()) for request in requests]


# --- imports in a circle --------------------------------------------------------------------------


CIRCLE = {
    "shop/__init__.py": "",
    "shop/orders.py": (
        "from shop import invoices\n\nclass Order:\n"
        "    def bill(self):\n        return invoices.Invoice(self)\n"
    ),
    "shop/invoices.py": (
        "from shop.orders import Order\n\nclass Invoice:\n"
        "    def __init__(self, order: Order):\n        self.order = order\n"
    ),
}


@proof("grimp")
def first_import_decides() -> Any:
    """Import each of the two modules first, in a new interpreter."""
    import grimp

    project = scratch.Project("circle", CIRCLE)
    sys.path.insert(0, str(project.path))
    assert grimp.build_graph("shop", cache_dir=None).count_imports() == 2
    ways = ("invoices", "orders")
    return [project.run(["python", "-c", f"import shop.{way}"]).code == 0 for way in ways]


BAZAAR = {
    "bazaar/__init__.py": "log = []\n",
    "bazaar/invoices.py": (
        "from bazaar import log\nlog.append('invoices_begins')\n"
        "from bazaar.orders import Order\n\n"
        "class Invoice:\n    log.append('invoice_made')\n"
    ),
    "bazaar/orders.py": (
        "from bazaar import log\nlog.append('orders_begins')\n"
        "from bazaar import invoices\n"
        "if not hasattr(invoices, 'Invoice'):\n    log.append('half_module')\n\n"
        "class Order:\n    log.append('order_made')\n"
    ),
}


@proof("importlib")
def order_of_a_circular_import() -> Any:
    """Import a module that goes in a circle, and that says what it does."""
    import importlib

    sys.path.insert(0, str(scratch.Project("bazaar_project", BAZAAR).path))
    importlib.import_module("bazaar.invoices")
    return importlib.import_module("bazaar").log


def cycle_and_repairs() -> dict[str, str]:
    """Return the files of five packages, the circle as it is and with each repair."""
    invoice = "\n\nclass Invoice:\n    pass\n"
    order = "\n\nclass Order:\n    def bill(self{}):\n{}        return {}Invoice()\n"
    top, inside = "from {0}.invoices import Invoice", "        from {0}.invoices import Invoice\n"
    back = "from {0}.orders import Order"
    typing = "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n\n"
    typing += f"if TYPE_CHECKING:\n    {back}"
    variants = {
        "as_it_is": (top + order.format("", "", ""), back + invoice),
        "function": (order.format("", inside, ""), back + invoice),
        "module": (
            "from {0} import invoices" + order.format("", "", "invoices."),
            "from {0} import orders" + invoice,
        ),
        "typing": (top + order.format("", "", ""), typing + invoice),
        "passed": (order.format(", Invoice", "", ""), back + invoice),
    }
    return {
        f"with_{name}/{module}": text.replace("{0}", f"with_{name}")
        for name, texts in variants.items()
        for module, text in zip(
            ("__init__.py", "orders.py", "invoices.py"), ("", *texts), strict=True
        )
    }


def imports_from_either_side(package: str) -> bool:
    """Import each of the two modules first, with neither known yet."""
    for first in ("orders", "invoices"):
        for module in [each for each in sys.modules if each.startswith(package)]:
            del sys.modules[module]
        try:
            __import__(f"{package}.{first}")
        except ImportError:
            return False
    return True


@proof("grimp")
def what_each_repair_does() -> Any:
    """Apply each repair to a cycle; import both modules first, and ask for cycles in the graph."""
    import grimp

    sys.path.insert(0, str(scratch.Project("repairs", cycle_and_repairs()).path))
    seen = {}
    for name in ("as_it_is", "function", "module", "typing", "passed"):
        package = f"with_{name}"
        graph = grimp.build_graph(package, cache_dir=None)
        one, two = f"{package}.orders", f"{package}.invoices"
        circle = graph.chain_exists(one, two) and graph.chain_exists(two, one)
        starts = "starts" if imports_from_either_side(package) else "fails"
        seen[name] = f"{starts}_{'circle' if circle else 'none'}"
    assert seen.pop("as_it_is") == "fails_circle"
    return seen


# --- what runs when a module is imported ----------------------------------------------------------


def calls_of(line: str) -> int:
    """Execute a line with URLs of a port that counts who calls; return the count."""
    with listener() as (port, calls):
        urls = {
            "pg": f"postgresql+psycopg://shop@127.0.0.1:{port}/shop?connect_timeout=2",
            "http": f"http://127.0.0.1:{port}",
            "redis": f"redis://127.0.0.1:{port}",
        }
        try:
            exec(line.format(**urls), {})
        except ImportError:
            raise
        except Exception as error:
            if "refused" in str(error):
                raise
        time.sleep(0.1)
        return len(calls)


@proof("sqlalchemy", "httpx", "redis")
def work_at_import() -> Any:
    """Execute each module-level line against a port that counts who calls."""
    engine = 'import sqlalchemy as sa\nengine = sa.create_engine("{pg}")\n'
    lines = {
        "engine": engine,
        "create_all": f"{engine}sa.MetaData().create_all(engine)",
        "client": 'import httpx\nhttpx.Client(base_url="{http}")',
        "rates": 'import httpx\nhttpx.get("{http}/rates").json()',
        "redis": 'import redis\nredis.Redis.from_url("{redis}")',
    }
    return [name for name, line in lines.items() if calls_of(line)]


CLIENT = """
import os

TIMEOUT = float(os.getenv("TIMEOUT", "30"))

def fetch(url, timeout=TIMEOUT):
    return timeout
"""


@proof("pytest")
def default_is_evaluated_once() -> Any:
    """Change the environment, and then the module's constant, after the import."""
    import pytest

    client = types.ModuleType("client")
    exec(CLIENT, client.__dict__)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TIMEOUT", "1")
        first = client.fetch("/")
        monkeypatch.setattr(client, "TIMEOUT", 2.0)
        return first, client.fetch("/")


@proof("ruff")
def secrets_that_ruff_sees() -> Any:
    """Run ruff's three rules for hard-coded passwords over the listing."""
    return ruff_lines(listing("secrets_that_ruff_sees"), "S105,S106,S107")


def git_in(project: scratch.Project, *words: str) -> str:
    """Run git in a project, and return what it prints."""
    import subprocess

    return subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=False,
    ).stdout


@proof("subprocess", needs="git")
def secret_in_history() -> Any:
    """Commit a password, take it out again, and look for it in every commit."""
    project = scratch.Project("history", {})
    git_in(project, "init", "-q")
    for value in ('"s3cret"', '__import__("os").environ["PASSWORD"]'):
        project.write({"settings.py": f"PASSWORD = {value}\n"})
        git_in(project, "add", ".")
        git_in(project, "commit", "-q", "-m", "settings")
    commits = git_in(project, "rev-list", "--all").split()
    return sum("s3cret" in git_in(project, "grep", "s3cret", commit) for commit in commits)


# --- a loop that stands still ---------------------------------------------------------------------

DOOR = """
import asyncio
from concurrent.futures import ThreadPoolExecutor

import bcrypt
from fastapi import FastAPI

app = FastAPI()
pool = ThreadPoolExecutor(1)
pings = 0


def hash_password():
    before = pings
    bcrypt.hashpw(b"correct horse", bcrypt.gensalt(12))
    return pings - before


@app.get("/ping")
async def ping():
    global pings
    pings += 1


@app.post("/coroutine")
async def coroutine():
    return hash_password()


@app.post("/plain")
def plain():
    return hash_password()


@app.post("/thread")
async def thread():
    return await asyncio.to_thread(hash_password)


@app.post("/wrapped")
async def wrapped():
    async def hash_async():
        return hash_password()

    return await asyncio.create_task(hash_async())


@app.post("/yields")
async def yields():
    await asyncio.sleep(0)
    return hash_password()
"""


async def pings_meanwhile(url: str, name: str) -> int:
    """Sign up at an endpoint and ping all the while; return the pings answered during the hash."""
    import httpx

    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        signup = asyncio.create_task(http.post(f"/{name}"))
        while not signup.done():
            await http.get("/ping")
        return int((await signup).text)


@proof("fastapi", "bcrypt")
def lets_others_through() -> Any:
    """Hash a password in each endpoint; count the pings that are answered meanwhile."""
    systems.module("door", DOOR)
    names = ("coroutine", "plain", "thread", "wrapped", "yields")
    with systems.serve("door:app") as site:
        return [name for name in names if asyncio.run(pings_meanwhile(site.url, name))]


@proof("ruff")
def what_ruff_sees_in_a_coroutine() -> Any:
    """Run ruff's async rules over the listing."""
    return ruff_lines(listing("what_ruff_sees_in_a_coroutine"), "ASYNC")


UPSTREAM = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(scope["client"][1]).encode()})
"""


@proof("httpx", "uvicorn")
def connections_opened() -> Any:
    """Send twelve requests in turn with each kind of client; count the connections."""
    import httpx

    systems.module("upstream", UPSTREAM)  # it answers with the port that the request came from

    async def ports(url: str, requests: int) -> list[str]:
        async with httpx.AsyncClient() as client:
            return [(await client.get(url)).text for _ in range(requests)]

    with systems.serve("upstream:app") as site:
        each = [asyncio.run(ports(site.url, 1))[0] for _ in range(12)]
        return [len(set(each)), len(set(asyncio.run(ports(site.url, 12))))]


# --- as many as there are -------------------------------------------------------------------------


SLOW = """
import asyncio

async def app(scope, receive, send):
    assert scope["type"] == "http"
    await asyncio.sleep(1.2)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})
"""


async def answers_to_a_crowd(url: str, count: int, connections: int, patience: float) -> list[Any]:
    """Send requests at once through a pool; return answers and exceptions."""
    import httpx

    limits = httpx.Limits(max_connections=connections)
    timeout = httpx.Timeout(10, pool=patience)
    async with httpx.AsyncClient(limits=limits, timeout=timeout) as client:
        jobs = (client.get(url) for _ in range(count))
        return await asyncio.gather(*jobs, return_exceptions=True)


@proof("httpx", "uvicorn")
def timeouts_of_a_crowd() -> Any:
    """Send thirty requests at once through a pool of ten connections; count who got none."""
    import httpx

    systems.module("slow", SLOW)
    with systems.serve("slow:app") as site:
        answers = asyncio.run(answers_to_a_crowd(site.url, 30, connections=10, patience=0.4))
    return sum(isinstance(each, httpx.PoolTimeout) for each in answers)


async def fails() -> None:
    """Raise, whenever it is awaited."""
    raise ValueError


async def in_a_group(slow: Any) -> None:
    """Run a job that fails and one that waits for the slow one, in a group."""

    async def follow() -> None:
        await slow

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        await asyncio.sleep(0)
        tasks.create_task(fails())


async def slow_job_after(run: Callable[[asyncio.Task[Any]], Any]) -> str:
    """Return the state of a slow job when the caller has its result."""
    slow = asyncio.create_task(asyncio.sleep(0.2))
    with contextlib.suppress(Exception, BaseExceptionGroup):
        await run(slow)
    state = "cancelled" if slow.cancelled() else "done" if slow.done() else "running"
    slow.cancel()
    return state


@proof("asyncio")
def after_the_first_failure() -> Any:
    """One of two jobs fails at once; look at the other when the caller has its result."""
    ways = {
        "gather": lambda slow: asyncio.gather(fails(), slow),
        "collect": lambda slow: asyncio.gather(fails(), slow, return_exceptions=True),
        "group": in_a_group,
    }
    return {name: asyncio.run(slow_job_after(way)) for name, way in ways.items()}


async def cleans_slowly(log: list[str]) -> None:
    """Wait, and take a moment to clean up when cancelled."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        log.append("cancelled")
        await asyncio.sleep(0.05)
        log.append("cleaned")
        raise


@proof("asyncio")
def events_of_a_task_group() -> Any:
    """Write down what happens in a task group of which one task fails."""
    log: list[str] = []

    async def fails() -> None:
        await asyncio.sleep(0.01)
        log.append("fails")
        raise ValueError

    async def main() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(cleans_slowly(log))
                group.create_task(fails())
        except* ValueError:
            log.append("caught")

    asyncio.run(main())
    return log


def retrying(call: Callable[[], None]) -> Callable[[], None]:
    """Return a layer that tries a call three times in all."""
    import httpx

    def attempt() -> None:
        for left in (2, 1, 0):
            try:
                return call()
            except httpx.HTTPStatusError:
                if not left:
                    raise

    return attempt


@proof("httpx")
def calls_at_the_bottom() -> Any:
    """Three layers try three times each; count what arrives at a service that is down."""
    import httpx

    arrived: list[httpx.Request] = []

    def down(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(503)

    client = httpx.Client(transport=httpx.MockTransport(down))

    def request() -> None:
        client.get("http://stock/").raise_for_status()

    with contextlib.suppress(httpx.HTTPStatusError):
        retrying(retrying(retrying(request)))()
    return len(arrived)


# --- errors that nobody sees ----------------------------------------------------------------------


def app_without_users() -> Any:
    """Return an application whose four routes look for a user that is not there."""
    from fastapi import FastAPI, HTTPException
    from pydantic import BaseModel

    class UserOut(BaseModel):
        name: str

    app, user = FastAPI(), None
    app.get("/bare")(lambda: user)
    app.get("/model", response_model=UserOut)(lambda: user)
    app.get("/attribute")(lambda: {"name": user.name})  # type: ignore[attr-defined]

    @app.get("/raised")
    def raised():  # type: ignore[no-untyped-def]
        raise HTTPException(404, "no such user")

    return app


@proof("fastapi")
def none_from_a_route() -> Any:
    """Return None for a user that is not there, in four ways; read the status."""
    names = ("bare", "model", "attribute", "raised")
    answers = asyncio.run(ask(app_without_users(), *(f"GET /{name}" for name in names)))
    return {name: f"s{answer.status_code}" for name, answer in zip(names, answers, strict=True)}


async def exception() -> None:
    try:  # noqa: SIM105
        await asyncio.sleep(60)
    except Exception:
        pass


async def bare() -> None:
    try:  # noqa: SIM105
        await asyncio.sleep(60)
    except:  # noqa: E722
        pass


async def suppress() -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(60)


async def reraised() -> None:
    try:
        await asyncio.sleep(60)
    except BaseException:
        raise


async def cleans() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0)


@proof("asyncio")
def swallowers_of_cancellation() -> Any:
    """Cancel a task that waits inside each handler; is it cancelled in the end?"""

    async def cancelled(job: Callable[[], Any]) -> bool:
        task = asyncio.create_task(job())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    jobs = (exception, bare, suppress, reraised, cleans)
    return [job.__name__ for job in jobs if not asyncio.run(cancelled(job))]


@proof("asyncio")
def timeout_without_end() -> Any:
    """A deadline around code that swallows every exception."""

    async def main() -> str:
        try:
            async with asyncio.timeout(0.05):
                try:
                    await asyncio.sleep(1)
                except BaseException:
                    result = "none"
                return result
        except TimeoutError:
            return "timeout"

    return asyncio.run(main())


@proof("ruff")
def handlers_that_ruff_reports() -> Any:
    """Run ruff's rules for blind and silent handlers over the listing."""
    return ruff_lines(listing("handlers_that_ruff_reports"), "BLE001,S110,E722")


# --- a route that does everything -----------------------------------------------------------------

FAT = """
import os
from contextlib import asynccontextmanager

import bcrypt
import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]


class UserCreate(BaseModel):
    email: str
    password: str


class UserResponse(BaseModel):
    id: int
    email: str


engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///fat.db"))
Maker = async_sessionmaker(engine, expire_on_commit=False)
threads, mails, hook = [], [], {}


async def get_session():
    async with Maker() as session:
        yield session


async def create(user, session):
    if await session.scalar(sa.select(User).where(User.email == user.email)):
        raise HTTPException(400, "Email exists")
    await hook["checked"]()
    hook["hash"]()
    hashed = bcrypt.hashpw(user.password.encode(), bcrypt.gensalt(4)).decode()
    row = User(email=user.email, hashed_password=hashed)
    session.add(row)
    await session.commit()
    await hook["mail"](row.email)
    return row


app = FastAPI()


@app.post("/fat")
async def fat(user: UserCreate, session=Depends(get_session)):
    return await create(user, session)


class UserService:
    def __init__(self, session=Depends(get_session)):
        self.session = session

    async def create(self, user):
        return await create(user, self.session)


@app.post("/thin", response_model=UserResponse)
async def thin(user: UserCreate, service: UserService = Depends(UserService)):
    return await service.create(user)
"""


async def nothing(*_: Any) -> None:
    """Stand in for what takes no time."""


async def post(http: Any, path: str, email: str = "a@x") -> Any:
    """Sign somebody up."""
    return await http.post(path, json={"email": email, "password": "pw"})


async def defects(module: Any, path: str) -> set[str]:
    """Put five requirements to a sign-up; return those that it misses."""
    import httpx

    found = set()
    transport = httpx.ASGITransport(module.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:

        async def fresh() -> None:
            module.hook.update(checked=nothing, mail=nothing, hash=lambda: None)
            async with module.engine.begin() as connection:
                await connection.run_sync(module.Base.metadata.drop_all)
                await connection.run_sync(module.Base.metadata.create_all)

        await fresh()
        if "hashed_password" in (await post(http, path)).json():
            found.add("leak")
        if (await post(http, path)).status_code != 409:
            found.add("conflict")
        await fresh()
        both = asyncio.Barrier(2)
        module.hook["checked"] = both.wait
        pair = await asyncio.gather(post(http, path), post(http, path))
        if any(each.status_code >= 500 for each in pair):
            found.add("race")
        await fresh()

        async def down(*_: Any) -> None:
            raise OSError("no mail today")

        module.hook["mail"] = down
        failed = await post(http, path)
        async with module.Maker() as session:
            rows = len((await session.scalars(module.sa.select(module.User))).all())
        if failed.status_code >= 500 and rows:
            found.add("mail")
        await fresh()
        here = []
        module.hook["hash"] = lambda: here.append(threading.current_thread())
        await post(http, path)
        if here == [threading.main_thread()]:
            found.add("loop")
    await module.engine.dispose()
    return found


@proof("fastapi", "sqlalchemy")
def what_moving_fixes() -> Any:
    """Put five requirements to the fat route and to the same code behind a service."""
    module = systems.module("fat", FAT)
    fat, thin = (asyncio.run(defects(module, path)) for path in ("/fat", "/thin"))
    assert fat == {"leak", "conflict", "race", "mail", "loop"}
    return sorted(fat - thin)


def race(sign_up: Callable[[Any], None]) -> list[str]:
    """Run two sign-ups that meet at a barrier; return the names of the database's errors."""
    import sqlalchemy as sa

    both, errors = threading.Barrier(2, timeout=10), []

    def run() -> None:
        try:
            sign_up(both)
        except sa.exc.DBAPIError as error:
            errors.append(type(error.orig).__name__)

    pair = [threading.Thread(target=run) for _ in range(2)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    return errors


def sign_up_in(way: str, engine: Any, both: Any) -> None:
    """Look for an address and insert it, in a transaction of its own; meet the other in between."""
    from sqlalchemy import text

    level = "SERIALIZABLE" if way == "serial" else "READ COMMITTED"
    with engine.execution_options(isolation_level=level).begin() as link:
        query = text("SELECT 1 FROM users WHERE email = 'a@x'")
        known = way != "unique" and link.scalar(query)
        both.wait()
        if not known:
            link.execute(text("INSERT INTO users VALUES ('a@x')"))


def make_users(engine: Any, constraint: str) -> None:
    """Make an empty table of addresses."""
    from sqlalchemy import text

    with engine.begin() as setup:
        setup.execute(text("DROP TABLE IF EXISTS users"))
        setup.execute(text(f"CREATE TABLE users (email text {constraint})"))


@proof("sqlalchemy", "psycopg")
def rows_of_a_race() -> Any:
    """Two sign-ups with one address check, and then insert: with and without a constraint."""
    from sqlalchemy import create_engine, text

    seen = {}
    with systems.postgres() as database:
        engine = create_engine(database.url)
        for way in ("check", "serial", "unique", "both"):
            make_users(engine, "UNIQUE" if way in ("unique", "both") else "")
            errors = race(functools.partial(sign_up_in, way, engine))
            with engine.connect() as link:
                rows = link.scalar(text("SELECT count(*) FROM users"))
            seen[way] = f"rows{rows}" + ("_error" if errors else "")
        engine.dispose()
    return seen


@proof("fastapi", "sqlalchemy")
def leaked_columns() -> Any:
    """Return a row from a route without a response model."""
    import fastapi
    from sqlalchemy.orm import Session

    engine, User = bank_of()
    with Session(engine) as session, session.begin():
        session.add(User(id=1, email="a@x", password_hash="$argon2id$..."))
    app = fastapi.FastAPI()

    @app.get("/users/1")
    async def show():  # type: ignore[no-untyped-def]
        with Session(engine) as session:
            return session.get(User, 1)

    [answer] = asyncio.run(ask(app, "GET /users/1"))
    return sorted(answer.json())


def engine_in_memory(base: Any = None) -> Any:
    """Return an engine for SQLite in memory, with one connection and the tables of a base."""
    import sqlalchemy as sa

    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    if base:
        base.metadata.create_all(engine)
    return engine


def users_and_outbox() -> tuple[Any, Callable[[], list[str]]]:
    """Return an engine with two tables, and a relay that sends what is in the outbox."""
    import sqlalchemy as sa

    engine = engine_in_memory()
    with engine.begin() as setup:
        for name in ("users", "outbox"):
            setup.execute(sa.text(f"CREATE TABLE {name} (email text)"))

    def relay() -> list[str]:
        with engine.begin() as connection:
            return list(connection.scalars(sa.text("DELETE FROM outbox RETURNING email")))

    return engine, relay


def after_a_kill(order: str) -> str:
    """Sign up and stop between the mail and the commit; start again; return what is there."""
    from sqlalchemy import text

    engine, relay = users_and_outbox()
    mails = []
    with contextlib.suppress(KeyboardInterrupt), engine.connect() as link:
        link.execute(text("INSERT INTO users VALUES ('a@x')"))
        if order == "outbox":
            link.execute(text("INSERT INTO outbox VALUES ('a@x')"))
        if order == "before":
            mails.append("a@x")
        else:
            link.commit()
        raise KeyboardInterrupt  # the process ends here
    mails += relay()  # the next process starts its relay
    with engine.connect() as link:
        return f"row{link.scalar(text('SELECT count(*) FROM users'))}_mail{len(mails)}"


@proof("sqlalchemy")
def mail_and_row() -> Any:
    """Stop at the worst moment between the mail and the commit; see what is left."""
    return {order: after_a_kill(order) for order in ("before", "after", "outbox")}


# --- one session for everybody --------------------------------------------------------------------


def bank_of() -> tuple[Any, Any]:
    """Return an engine with a table of users, and the class."""
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id = sa.Column(sa.Integer, primary_key=True)
        email = sa.Column(sa.String, unique=True)
        password_hash = sa.Column(sa.String)

    return engine_in_memory(Base), User


@proof("sqlalchemy")
def whose_commit() -> Any:
    """Two requests share a session: one commits between the other's insert and rollback."""
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    engine, User = bank_of()
    session = Session(engine)  # the module's
    session.add(User(email="half done"))  # request A, which will fail
    session.add(User(email="complete"))  # request B
    session.commit()  # request B
    session.rollback()  # request A, when it fails
    return session.scalar(sa.select(sa.func.count()).select_from(User))


@proof("sqlalchemy")
def after_a_failed_flush() -> Any:
    """A request fails in a flush and rolls nothing back; the next one uses the same session."""
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    engine, User = bank_of()
    session = Session(engine)
    session.add(User(email="a@x"))
    session.commit()
    session.add(User(email="a@x"))
    with contextlib.suppress(sa.exc.IntegrityError):
        session.flush()
    try:
        return session.scalar(sa.select(sa.func.count()).select_from(User))
    except sa.exc.SQLAlchemyError as error:
        return type(error)


SHOP = """
import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm import relationship, selectinload


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()


class CustomerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class OrderOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    customer: CustomerOut


engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
sent = []
sa.event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
options = []
app = FastAPI()


@app.get("/orders", response_model=list[OrderOut])
async def orders():
    with Session(engine) as session:
        found = session.scalars(sa.select(Order).options(*options)).all()
        return [OrderOut.model_validate(order) for order in found]


def fill(customers, count):
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all(Customer(id=n, name=f"c{n}") for n in range(customers))
        session.flush()
        session.add_all(Order(id=n, customer_id=n % customers) for n in range(count))
    sent.clear()
"""


@proof("sqlalchemy", "fastapi")
def statements_of_a_serialiser() -> Any:
    """List twelve orders of three customers; count the statements."""
    shop = systems.module("lazy_shop", SHOP)
    shop.fill(3, 12)
    [answer] = asyncio.run(ask(shop.app, "GET /orders"))
    assert len(answer.json()) == 12
    return len(shop.sent)


@proof("sqlalchemy", "fastapi")
def tests_that_catch_it() -> Any:
    """Run each test against the lazy and the repaired listing of orders."""
    shop = systems.module("lazy_shop", SHOP)

    def orders(customers: int, count: int) -> Any:
        shop.fill(customers, count)
        return asyncio.run(ask(shop.app, "GET /orders"))[0].json()

    def sent(customers: int, count: int) -> int:
        orders(customers, count)
        return len(shop.sent)

    tests = {
        "names": lambda: orders(5, 5)[4]["customer"]["name"] == "c4",
        "one_row": lambda: sent(1, 1) <= 2,
        "bound": lambda: sent(5, 5) <= 2,
        "growth": lambda: sent(10, 10) == sent(5, 5),
        "same_customer": lambda: sent(1, 10) == sent(1, 5),
    }
    lazy = {name: test() for name, test in tests.items()}
    shop.options[:] = [shop.selectinload(shop.Order.customer)]
    return [name for name, test in tests.items() if test() and not lazy[name]]


# --- too much in one place, and too little --------------------------------------------------------


def modules_of(text: str) -> dict[str, str]:
    """Return the files of a package whose imports are listed, one module a line."""
    files = {"shop/__init__.py": ""}
    for module, imported in re.findall(r"(?m)^(\w+) imports (.*)$", text):
        names = [name.strip() for name in imported.split(",") if name != "nothing"]
        files[f"shop/{module}.py"] = "".join(f"import shop.{name}\n" for name in names)
    return files


@proof("grimp")
def hit_by_a_change() -> Any:
    """Build the import graph of the listing; count who depends on the service, at any distance."""
    import grimp

    project = scratch.Project("fan_in", modules_of(listing("hit_by_a_change")))
    sys.path.insert(0, str(project.path))
    graph = grimp.build_graph("shop", cache_dir=None)
    return len(graph.find_downstream_modules("shop.user_service"))


PASSED_ON = {
    "get_order": "return order_manager(order_id, user)",
    "order_manager": "return order_service(order_id, user)",
    "order_service": "return order_repository(order_id)",
    "order_repository": "return ROWS.get(order_id)",
}


def decides(source: str) -> None:
    """Ask the four layers for an order, as its owner, as a stranger, and for one that is not."""
    import pytest

    names: dict[str, Any] = {"ROWS": {1: {"owner": "ada"}}}
    exec(source, names)
    assert names["get_order"](1, "ada") == {"owner": "ada"}
    with pytest.raises(PermissionError):
        names["get_order"](1, "bob")
    with pytest.raises(LookupError):
        names["get_order"](2, "ada")


@proof("pytest")
def layers_that_decide() -> Any:
    """Replace each function's body by a call of the next layer; which tests notice?"""
    import pytest

    text = listing("layers_that_decide")
    decides(text)
    idle = []
    for node in ast.parse(text).body:
        assert isinstance(node, ast.FunctionDef)
        lines = text.splitlines()
        lines[node.lineno : node.end_lineno] = [f"    {PASSED_ON[node.name]}"]
        with contextlib.suppress(pytest.fail.Exception):
            decides("\n".join(lines))
            idle.append(node.lineno)
    return idle


# --- code review ----------------------------------------------------------------------------------


def reviewed(
    question: str, driver: str, edits: dict[str, str], behaves: Callable[[Any], None]
) -> list[int]:
    """Make all edits of a pull request but one; return the lines without whose edit it fails.

    Among the edits are lines that are fine: there the other way to write them makes no difference.
    """
    lines = listing(question).splitlines()
    places = {}
    for text in edits:
        [places[text]] = [n for n, line in enumerate(lines) if line.strip() == text]

    def holds(spared: str | None) -> bool:
        edited = list(lines)
        for text, place in places.items():
            if text != spared:
                indent = " " * (len(lines[place]) - len(lines[place].lstrip()))
                edited[place] = "\n".join(indent + part for part in edits[text].splitlines())
        module = sys.modules["pull_request"] = types.ModuleType("pull_request")
        module.source = "\n".join(edited)  # type: ignore[attr-defined]
        os.environ["DATABASE_URL"] = f"{driver}:///review{places.get(spared or '', 0)}.db"
        try:
            exec(compile(module.source, "pull_request.py", "exec"), vars(module))
            behaves(module)
        except ImportError:
            raise
        except Exception as error:
            if spared is None:
                raise AssertionError(f"repaired, and still failing: {error!r}") from error
            return False
        return True

    assert holds(None)
    return [
        place + 1 for text, place in sorted(places.items(), key=lambda e: e[1]) if not holds(text)
    ]


SIGNUP_EDITS = {
    "code: str": "",
    'return "".join(random.choices(string.digits, k=8))': (
        'return "".join(secrets.choice(string.digits) for _ in range(8))'
    ),
    "def audit(event: str, details: dict = {}) -> dict:": (
        "def audit(event: str, details: dict | None = None) -> dict:\n"
        "    details = dict(details or {})"
    ),
    'log.info("signup %s", payload)': 'log.info("signup %s", payload.email)',
    "known = await session.scalar(sa.select(User.id).where(User.email == email))": ("known = None"),
    "hashed = passwords.hash(payload.password)": (
        "hashed = await asyncio.to_thread(passwords.hash, payload.password)"
    ),
    "except sa.exc.SQLAlchemyError as error:": "except sa.exc.IntegrityError as error:",
    "asyncio.create_task(send_code(request.app.state.mail, user.email, user.code))": (
        "task = asyncio.create_task(send_code(request.app.state.mail, user.email, user.code))\n"
        "request.app.state.tasks.add(task)"
    ),
    "await session.flush()": "await session.commit()",
    "if user is None or not secrets.compare_digest(user.code, payload.code):": (
        "if not user or not secrets.compare_digest(user.code.encode(), payload.code.encode()):"
    ),
}


class MailService:
    """Accept a mail, and never answer."""

    async def post(self, *_: Any, **__: Any) -> None:
        await asyncio.get_running_loop().create_future()


async def drive_signup(pr: Any) -> None:
    """Sign up, confirm, and look at what was answered, logged, stored and left running."""
    import logging

    import httpx
    import sqlalchemy as sa
    from fastapi import FastAPI

    threads, logged = [], []

    class Hasher:
        def hash(self, password: str) -> str:
            threads.append(threading.current_thread())
            return f"hashed-{len(password)}"

    pr.passwords = Hasher()
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    pr.log.handlers, pr.log.propagate = [handler], False
    pr.log.setLevel(logging.INFO)
    async with pr.engine.begin() as connection:
        await connection.run_sync(pr.Base.metadata.create_all)
    app = FastAPI()
    app.include_router(pr.router)
    app.state.mail, app.state.tasks = MailService(), set()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        body = {"email": " Ada@x ", "password": "correct horse"}
        answer = await http.post("/signup", json=body)
        assert answer.status_code == 201
        assert {"code", "password_hash"}.isdisjoint(answer.json())
        assert not any("correct horse" in line for line in logged)
        assert threads[0] is not threading.main_thread()
        await asyncio.sleep(0.01)
        gc.collect()
        assert any("send_code" in repr(task) for task in asyncio.all_tasks())
        assert (await http.post("/signup", json=body)).status_code == 409
        async with pr.Maker() as session:
            code = await session.scalar(sa.select(pr.User.code))
        confirm = {"email": "ada@x", "code": code}
        assert (await http.post("/confirm", json=confirm)).status_code == 204
        async with pr.Maker() as session:
            assert await session.scalar(sa.select(pr.User.confirmed))

        def refuse(*arguments: Any) -> None:
            if arguments[2].startswith("INSERT"):
                raise sa.exc.OperationalError("INSERT", {}, Exception("the disk is full"))

        sa.event.listen(pr.engine.sync_engine, "before_cursor_execute", refuse)
        body["email"] = "bob@x"
        assert (await http.post("/signup", json=body)).status_code >= 500
    await pr.engine.dispose()


def signup_behaves(pr: Any) -> None:
    """Hold the first pull request against its task."""
    codes = []
    for _ in range(2):
        random.seed(10)
        codes.append(pr.new_code())
    assert codes[0] != codes[1]
    pr.audit("first", {"user": 1})
    first = pr.audit("first")
    pr.audit("second")
    assert first == {"event": "first"}
    asyncio.run(drive_signup(pr))


@proof("fastapi", "sqlalchemy")
def review_signup() -> Any:
    """Sign up and confirm, with each fault of the pull request left in by itself."""
    return reviewed("review_signup", "sqlite+aiosqlite", SIGNUP_EDITS, signup_behaves)


REPORT_EDITS = {
    "return first, (first + timedelta(days=31)).replace(day=1)": (
        "return first, first.replace(year=first.year + first.month // 12, "
        "month=first.month % 12 + 1)"
    ),
    """known = session.scalar(sa.text(f"SELECT id FROM customer WHERE name = '{name}'"))""": (
        "known = session.scalar(sa.select(Customer.id).filter_by(name=name))"
    ),
    'cents=int(float(row["amount"]) * 100),': 'cents=int(Decimal(row["amount"]) * 100),',
    "except Exception:": "except (ValueError, TypeError, ArithmeticError):",
    "session.merge(order)": (
        "session.execute(sa.delete(Order).filter_by(id=order.id))\nsession.add(order)"
    ),
    "def monthly_totals(month: str, session: Session = Session(engine)) "
    "-> list[tuple[str, int]]:": (
        "def monthly_totals(month: str, session: Session | None = None):\n"
        "    session = session or Session(engine)"
    ),
    ".where(Order.placed.between(first, following))": (
        ".where(Order.placed >= first, Order.placed < following)"
    ),
    "customer = session.scalars(sa.select(Customer).filter_by(id=order.customer_id)).one()": (
        "customer = order.customer"
    ),
    "write_report(monthly_totals(month), Path(target), True, False)": (
        "write_report(monthly_totals(month), Path(target), append=False, header=True)"
    ),
}


def report_behaves(pr: Any) -> None:
    """Hold the second pull request against its task."""
    import sqlalchemy as sa

    statements: list[str] = []
    pr.Base.metadata.create_all(pr.engine)
    source, target = Path("export.csv"), Path("report.csv")
    target.unlink(missing_ok=True)
    rows = ["id,customer,placed,amount"]
    rows += [f"{n},c{n % 3},2026-02-{n:02} 10:00,10.00" for n in range(1, 10)]
    rows += ["10,O'Brien,2026-02-28 23:59:59,0.29", "11,c1,2026-03-01 00:00:00,5.00"]
    rows += ["12,c1,2026-02-11 10:00,a lot"]
    source.write_text("\n".join(rows))
    for _ in range(2):
        assert pr.main(str(source), "2026-02", str(target)) == 1  # one was rejected
        text = target.read_text().split()
        assert text == ["customer,euros", "c0,30.00", "c1,30.00", "c2,30.00", "O'Brien,0.29"]
    gc.collect()
    assert pr.engine.pool.checkedout() == 0  # no connection is left in a transaction
    sa.event.listen(pr.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    assert pr.monthly_totals("2026-02")[0] == ("c0", 3000)
    assert len(statements) == 1
    source.write_text("\n".join(rows).replace("customer,placed", "client,placed"))
    try:
        pr.main(str(source), "2026-02", str(target))
    except KeyError:
        return
    raise AssertionError("a column was renamed, and nobody noticed")


@proof("sqlalchemy")
def review_report() -> Any:
    """Import and report, with each fault of the pull request left in by itself."""
    return reviewed("review_report", "sqlite", REPORT_EDITS, report_behaves)


WEBHOOK_EDITS = {
    'WEBHOOK_SECRET = os.environ.get("WEBHOOK_SECRET", "not-for-production")': (
        'WEBHOOK_SECRET = os.environ["WEBHOOK_SECRET"]'
    ),
    "async with httpx.AsyncClient(base_url=WAREHOUSE_URL, timeout=None) as client:": (
        "async with httpx.AsyncClient(base_url=WAREHOUSE_URL, timeout=5) as client:"
    ),
    "session.add(Handled(event_id=event.id))": (
        "session.execute(sa.insert(Handled).values(event_id=event.id)) "
        "if not session.get(Handled, event.id) else session.add(Handled(event_id=event.id))"
    ),
    "session.commit()  # the event is ours": "session.flush()",
    "except:": "except httpx.HTTPError:",
    "body = event.model_dump_json().encode()": "body = await request.body()",
    'assert event.currency == "EUR", "we sell in euros alone"': (
        'if event.currency != "EUR":\n    return Response(status_code=422)'
    ),
    "except Exception:": "except (Exception, ShipmentFailed):",
    "return Response(status_code=200)  # or it comes again and again": (
        "return Response(status_code=500)"
    ),
    'assert answer.status_code == 400 or "not refused"': "assert answer.status_code == 400",
}


async def careless(scope: Any, receive: Any, send: Any) -> None:
    """Answer every request with 200."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


async def ends_when_cancelled(pr: Any) -> bool:
    """Cancel a request to a warehouse that is silent."""

    class Silent:
        async def put(self, path: str) -> None:
            await asyncio.sleep(60)

    task = asyncio.create_task(pr.ship(Silent(), 7))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=0.5)
    ended = task.cancelled()
    task.cancel()
    return ended


async def timeout_of(pr: Any) -> Any:
    """Return how long the client waits for an answer."""
    async with pr.lifespan(pr.app):
        return pr.app.state.warehouse.timeout.read


def webhook_behaves(pr: Any) -> None:
    """Hold the third pull request against its task, and its tests against a careless server."""
    import logging

    import httpx
    import sqlalchemy as sa

    class Warehouse:
        def __init__(self) -> None:
            self.asked, self.failing = 0, 0

        async def put(self, path: str) -> httpx.Response:
            self.asked += 1
            if self.failing:
                self.failing -= 1
                raise httpx.ConnectError("down")
            return httpx.Response(200, request=httpx.Request("PUT", "http://x"))

    class Client:
        def __init__(self, app: Any) -> None:
            self.app = app

        def post(self, path: str, **how: Any) -> httpx.Response:
            async def send() -> httpx.Response:
                transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
                async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
                    return await http.post(path, **how)

            return asyncio.run(send())

    logging.disable(logging.CRITICAL)
    pr.Base.metadata.create_all(pr.engine)
    pr.random = types.SimpleNamespace(uniform=lambda low, high: low)  # no waiting here
    assert asyncio.run(timeout_of(pr))
    assert asyncio.run(ends_when_cancelled(pr))
    warehouse = pr.app.state.warehouse = Warehouse()
    client = Client(pr.app)

    def deliver(body: bytes) -> int:
        headers = pr.headers(pr.signature(body))
        return client.post("/webhook", content=body, headers=headers).status_code

    def payments() -> int:
        with pr.Session(pr.engine) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(pr.Payment)) or 0

    pr.test_a_wrong_signature_is_refused(client)
    pr.test_an_event_is_stored_once(client)
    try:
        pr.test_a_wrong_signature_is_refused(Client(careless))
    except AssertionError:
        pass
    else:
        raise AssertionError("the test passes, whatever the application does")
    dollars = pr.BODY.replace(b"EUR", b"USD").replace(b"e1", b"e2")
    assert deliver(dollars) == 422
    warehouse.failing = 3
    third = pr.BODY.replace(b"e1", b"e3")
    assert deliver(third) >= 500
    asked = warehouse.asked
    assert (deliver(third), warehouse.asked) == (200, asked + 1)
    assert payments() == 2
    failures = [1]

    def refuse(*arguments: Any) -> None:
        if arguments[2].startswith("INSERT INTO payment") and failures:
            failures.pop()
            raise sa.exc.OperationalError("INSERT", {}, Exception("the disk is full"))

    sa.event.listen(pr.engine, "before_cursor_execute", refuse)
    fourth = pr.BODY.replace(b"e1", b"e4")
    assert deliver(fourth) >= 500 or not failures
    assert deliver(fourth) == 200
    assert payments() == 3
    del os.environ["WEBHOOK_SECRET"]
    try:
        exec(compile(pr.source, "pull_request.py", "exec"), vars(types.ModuleType("again")))
    except KeyError:
        return
    finally:
        os.environ["WEBHOOK_SECRET"] = "of this test"
    raise AssertionError("it starts without a secret")


@proof("fastapi", "sqlalchemy")
def review_webhook() -> Any:
    """Deliver events, with each fault of the pull request left in by itself."""
    os.environ["WEBHOOK_SECRET"] = "of this test"
    return reviewed("review_webhook", "sqlite", WEBHOOK_EDITS, webhook_behaves)
