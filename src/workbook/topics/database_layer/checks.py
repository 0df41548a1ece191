"""The checks of chapter 07's exercises: pytest functions that the sandbox runs on a learner's cell.

They run on SQLite, so that they are quick and work everywhere. What another transaction would do
meanwhile is done at the very moment at which it hurts: just before a statement of the learner's.
"""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

#: A query without an ``await`` leaves a coroutine behind. The checks say what is wrong, and where.
warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)


@contextmanager
def during(doing: str) -> Iterator[None]:
    """Say what was being done when the learner's code raised."""
    try:
        yield
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        cause = getattr(error, "orig", None) or error
        came = f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
        raise AssertionError(f"{doing}: expected no exception, got {came}") from error


def in_memory(metadata: sa.MetaData, rows: str) -> sa.Engine:
    """Return an engine on an SQLite in memory with these tables and rows: one connection."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(rows)
    return engine


def on_disk(metadata: sa.MetaData) -> sa.Engine:
    """Return an engine on a new SQLite file with these tables: a connection for each session."""
    for file in Path.cwd().glob("shop.db*"):
        file.unlink()
    engine = sa.create_engine("sqlite:///shop.db")
    metadata.create_all(engine)
    return engine


def ask(engine: sa.Engine, query: str) -> Any:
    """Return all rows, a bare value for each row of one column."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(query).fetchall()
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def updates(statement: str) -> bool:
    """Tell whether a statement is an UPDATE, in whatever case, and be it after a WITH."""
    return bool(re.search(r"\bUPDATE\b", statement.upper()))


def just_before_update(engine: sa.Engine, interfere: str) -> None:
    """Run a statement of another client's once, just before the first UPDATE."""
    waiting = [interfere]

    def strike(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if updates(statement) and waiting:
            connection.connection.driver_connection.execute(waiting.pop())

    sa.event.listen(engine, "before_cursor_execute", strike)


# --- withdraw -------------------------------------------------------------------------------------

BALANCES = "INSERT INTO account (id, balance) VALUES (1, 100), (2, 500)"


def withdrawn(submission: ModuleType, amounts: list[int], **how: Any) -> Any:
    """Withdraw amounts from account 1; return what each call returned, and both balances."""
    engine = in_memory(submission.Base.metadata, BALANCES)
    if "interfere" in how:
        just_before_update(engine, how["interfere"])
    with Session(engine) as session:
        told = []
        for amount in amounts:
            with during(f"withdraw(session, {how.get('account', 1)}, {amount})"):
                told.append(submission.withdraw(session, how.get("account", 1), amount))
        if how.get("commit", True):
            session.commit()
        else:
            session.rollback()
    return told, ask(engine, "SELECT balance FROM account ORDER BY id")


def takes_what_is_covered(submission, call):
    """60 of 100 leave 40, and all of 100 leave nothing."""
    for amount in (60, 100):
        told, balances = withdrawn(submission, [amount])
        call.observed(f"withdraw(session, 1, {amount}) from 100: returned", told).gives([True])
        call.observed(f"withdraw(session, 1, {amount}) from 100: balance", balances[0]).gives(
            100 - amount
        )


def refuses_what_is_not_covered(submission, call):
    """A second 60, and an account that does not exist, are refused and change nothing."""
    told, balances = withdrawn(submission, [60, 60])
    call.observed("60 from 100, twice: returned", told).gives([True, False])
    call.observed("60 from 100, twice: balance", balances[0]).gives(40)
    told, balances = withdrawn(submission, [60], account=9)
    call.observed("60 from account 9, which does not exist: returned", told).gives([False])
    call.observed("60 from account 9, which does not exist: all balances", balances).gives(
        [100, 500]
    )


def leaves_other_accounts_alone(submission, call):
    """Only the named account changes."""
    _, balances = withdrawn(submission, [60])
    call.observed("withdraw(session, 1, 60): balance of account 2", balances[1]).gives(500)


def loses_no_update(submission, call):
    """Another transaction commits just before our UPDATE; what is there then decides."""
    for other, change, expected in [
        ("takes 60", -60, ([False], 40)),
        ("takes 30", -30, ([True], 10)),
        ("brings 50", 50, ([True], 90)),
    ]:
        interfere = f"UPDATE account SET balance = balance + {change} WHERE id = 1"
        told, balances = withdrawn(submission, [60], interfere=interfere)
        call.observed(
            f"60 from 100, while another transaction {other} just before our UPDATE: "
            "returned, and the balance",
            (told, balances[0]),
        ).gives(expected)


def leaves_the_commit_to_its_caller(submission, call):
    """If the caller rolls back, nothing has happened, whether the last call took or refused."""
    for amounts, doing in (([60], "60 from 100"), ([60, 60], "60 from 100, twice")):
        _, balances = withdrawn(submission, amounts, commit=False)
        call.observed(f"{doing}, then session.rollback(): balance", balances[0]).gives(100)


# --- keyset_page ----------------------------------------------------------------------------------

#: Ids 1 to 12; three times four events of the same time, ids and times in different orders.
EVENTS = [(n, (n * 7) % 12 // 4) for n in range(1, 13)]


def events(submission: ModuleType, count: int = 12) -> sa.Engine:
    rows = ", ".join(map(str, EVENTS[:count]))
    return in_memory(submission.Base.metadata, f"INSERT INTO event (id, at) VALUES {rows}")


def in_order(count: int = 12) -> list[int]:
    return [n for n, _ in sorted(EVENTS[:count], key=lambda row: (row[1], row[0]), reverse=True)]


def last_of(shown: int) -> tuple[int, int]:
    """Return the cursor that stands behind so many events: `at` and `id` of the last of them."""
    last = in_order()[shown - 1]
    return dict(EVENTS)[last], last


def walk(
    submission: ModuleType, engine: sa.Engine, size: int, between: str = ""
) -> tuple[list[list[int]], Any]:
    """Read pages until the cursor is None, 20 at most; return the pages and the last cursor."""
    pages: list[list[int]] = []
    cursor = None
    while len(pages) < 20:
        with Session(engine) as session, during(f"page(session, {size}, after={cursor})"):
            answer = submission.page(session, size, cursor)
        assert isinstance(answer, tuple), (
            f"page(session, {size}, after={cursor}): expected a pair (ids, cursor), got {answer!r}"
        )
        pages.append(list(answer[0]))
        cursor = answer[1]
        if cursor is None or not answer[0]:
            break
        if between and len(pages) == 1:
            with engine.begin() as connection:
                connection.exec_driver_sql(between)
    return pages, cursor


def shows_every_event_once(submission, call):
    """Twelve events, of which four at a time have the same `at`, in pages of five and of three."""
    for size in (5, 3):
        pages, _ = walk(submission, events(submission), size)
        shown = [each for page in pages for each in page]
        call.observed(f"all pages of {size}, 12 events: the ids shown", shown).gives(in_order())
        call.observed(f"the first page of {size}: how many", len(pages[0])).gives(size)
    engine = events(submission)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO event (id, at) VALUES ({10**12}, 0)")
    shown = [each for page in walk(submission, engine, 5)[0] for each in page]
    doing = f"all pages of 5, event {10**12} added with an `at` of 0: the ids shown"
    call.observed(doing, shown).gives([*in_order()[:8], 10**12, *in_order()[8:]])
    engine = events(submission)
    with Session(engine) as session, during("page(session, 5)"):
        _, cursor = submission.page(session, 5)
    told = cursor
    with suppress(TypeError):
        told = tuple(cursor)  # a row is one, too
    call.observed("page(session, 5): the cursor, (at, id) of the last one shown", told).gives(
        last_of(5)
    )
    with Session(engine) as session, during(f"page(session, 4, after={last_of(6)})"):
        ids, _ = submission.page(session, 4, last_of(6))
    call.observed(f"page(session, 4, after={last_of(6)}): the ids", [*ids]).gives(in_order()[6:10])


def says_when_nothing_follows(submission, call):
    """Ten events in pages of five are two pages; the second says None. No events are one."""
    pages, cursor = walk(submission, events(submission, 10), 5)
    call.observed("10 events in pages of 5: number of pages", len(pages)).gives(2)
    call.observed("10 events in pages of 5: the last cursor", cursor).gives(None)
    doing = f"page(session, 5, after={last_of(12)}), the last of 12 events: ids and cursor"
    with Session(events(submission)) as session, during(doing):
        ids, cursor = submission.page(session, 5, last_of(12))
    call.observed(doing, ([*ids], cursor)).gives(([], None))
    engine = events(submission)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM event")
    call.observed("no events: pages and cursor", walk(submission, engine, 5)).gives(([[]], None))


def does_not_mind_a_deletion(submission, call):
    """After the first page, its first event is deleted; or its last, where the cursor points."""
    for which, place in (("first", 0), ("last", 3)):
        between = f"DELETE FROM event WHERE id = {in_order()[place]}"
        pages, _ = walk(submission, events(submission), 4, between)
        shown = [each for page in pages for each in page]
        doing = f"pages of 4, the {which} event of page 1 deleted after it: the ids shown"
        call.observed(doing, shown).gives(in_order())


def does_not_mind_a_newer_event(submission, call):
    """After the first page, a newer event comes; it is not ours to show any more."""
    between = "INSERT INTO event (id, at) VALUES (99, 99)"
    pages, _ = walk(submission, events(submission), 4, between)
    shown = [each for page in pages for each in page]
    doing = "pages of 4, a newer event inserted after page 1: the ids shown"
    call.observed(doing, shown).gives(in_order())


def asks_for_one_row_more(submission, call):
    """One statement a page, the first or a later one, and one row more than is shown, at most."""
    engine = events(submission)
    delivered: list[int] = []

    def count(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        rows = connection.connection.driver_connection.execute(statement, parameters)
        delivered.append(len(rows.fetchall()))

    sa.event.listen(engine, "before_cursor_execute", count)
    for size, after in ((5, None), (2, last_of(5))):
        delivered.clear()
        doing = f"page(session, {size}, after={after})"
        with Session(engine) as session, during(doing):
            submission.page(session, size, after)
        call.observed(f"{doing} of 12 events: number of statements", len(delivered)).gives(1)
        call.observed(
            f"{doing} of 12 events: more than {size + 1} rows delivered", sum(delivered) > size + 1
        ).gives(False)


# --- unit_of_work ---------------------------------------------------------------------------------

NAMES = sa.MetaData()
NAME = sa.Table("name", NAMES, sa.Column("name", sa.String))


class Failure(BaseException):
    """What the checks let a block fail with: no Exception, as KeyboardInterrupt is none."""


OPEN: WeakSet[Session] = WeakSet()


class Tracked(Session):
    """A session that is in OPEN until it is closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        OPEN.add(self)

    def close(self) -> None:
        OPEN.discard(self)
        super().close()

    def reset(self) -> None:
        OPEN.discard(self)
        super().reset()


def worked(
    submission: ModuleType,
    body: Callable[[Any, sa.Engine], None],
    *,
    commit_fails: type[BaseException] | None = None,
) -> tuple[sa.Engine, str]:
    """Run a body in a unit of work; return the engine, and the name of what came out."""
    OPEN.clear()
    engine = on_disk(NAMES)
    make = sessionmaker(engine, class_=Tracked)
    if commit_fails:

        @sa.event.listens_for(make, "before_commit")
        def refuse(session: Session) -> None:
            session.flush()
            raise commit_fails

    came = "nothing"
    try:
        with submission.UnitOfWork(make) as work:
            assert work is not None, "with UnitOfWork(...) as work: expected the unit, got None"
            body(work, engine)
    except AssertionError:
        raise
    except BaseException as error:
        came = type(error).__name__
    return engine, came


def add(work: Any, *names: str) -> None:
    for name in names:
        work.session.execute(NAME.insert().values(name=name))


def fails_after_two(work: Any, engine: sa.Engine) -> None:
    add(work, "Ada", "Grace")
    raise Failure


def keeps_what_succeeded(submission, call):
    """Two rows are written, and the block ends."""
    engine, came = worked(submission, lambda work, _: add(work, "Ada", "Grace"))
    call.observed("a block that writes two names and ends: it raised", came).gives("nothing")
    names = ask(engine, "SELECT name FROM name")
    call.observed("a block that writes two names and ends: names kept", names).gives(
        ["Ada", "Grace"]
    )


def keeps_nothing_of_what_failed(submission, call):
    """Two rows are written, then the block fails; or the commit does."""
    engine, _ = worked(submission, fails_after_two)
    names = ask(engine, "SELECT name FROM name")
    call.observed("a block that writes two names and fails: names kept", names).gives([])
    engine, _ = worked(submission, lambda work, _: add(work, "Ada"), commit_fails=Failure)
    names = ask(engine, "SELECT name FROM name")
    call.observed("a block whose commit fails: names kept", names).gives([])


def lets_the_exception_go_on(submission, call):
    """What the block, or the commit, raises reaches the caller."""
    for error in (Failure, ValueError):

        def fails(work: Any, engine: sa.Engine, error: type[BaseException] = error) -> None:
            raise error

        name = error.__name__
        _, came = worked(submission, fails)
        call.observed(f"a block that fails with {name}: it raised", came).gives(name)
        _, came = worked(submission, lambda work, _: None, commit_fails=error)
        call.observed(f"a block whose commit fails with {name}: it raised", came).gives(name)


def calls_afterwards_in_order(submission, call):
    """Each function finds the rows committed, and the session closed."""
    seen: list[Any] = []

    def body(work: Any, engine: sa.Engine) -> None:
        def look() -> None:
            seen.append((len(OPEN), ask(engine, "SELECT name FROM name")))

        def second() -> None:
            seen.append("second")

        for action in (look, second, second):
            work.after_commit(action)
        add(work, "Ada")

    _, came = worked(submission, body)
    call.observed(
        "after_commit(look), after_commit(second) twice: sessions open and names seen, then",
        seen,
    ).gives([(0, ["Ada"]), "second", "second"])
    call.observed("a block with functions for afterwards: it raised", came).gives("nothing")


def calls_nothing_after_a_failure(submission, call):
    """A mail about an order that does not exist is worse than none."""
    called: list[str] = []

    def body(name: str, error: type[BaseException] | None = None) -> Any:
        def run(work: Any, engine: sa.Engine) -> None:
            work.after_commit(lambda: called.append(name))
            if error:
                raise error

        return run

    for error in (Failure, ValueError):
        worked(submission, body("failed", error))
        doing = f"after_commit, then the block fails with {error.__name__}"
        call.observed(f"{doing}: functions called", len(called)).gives(0)
        worked(submission, body("not committed"), commit_fails=error)
        doing = f"after_commit, then the commit fails with {error.__name__}"
        call.observed(f"{doing}: functions called", len(called)).gives(0)
    worked(submission, body("committed"))
    doing = "a unit that succeeds, after others that failed: functions called"
    call.observed(doing, called).gives(["committed"])


def gives_the_connection_back(submission, call):
    """On each way out the session is closed."""
    for doing, body, fails in [
        ("a block that ends", lambda work, _: add(work, "Ada"), None),
        ("a block that fails", fails_after_two, None),
        ("a block whose commit fails", lambda work, _: add(work, "Ada"), Failure),
    ]:
        kept: list[Any] = []

        def remember(work: Any, engine: sa.Engine, body: Any = body, kept: Any = kept) -> None:
            kept.append(work)  # so that no connection comes back by garbage collection
            body(work, engine)

        engine, _ = worked(submission, remember, commit_fails=fails)
        held = engine.pool.checkedout()  # type: ignore[attr-defined]
        call.observed(f"{doing}: connections not given back", held).gives(0)
        call.observed(f"{doing}: sessions not closed", len(OPEN)).gives(0)


# --- retry_conflicts ------------------------------------------------------------------------------


def conflict(sqlstate: str = "40001", kind: Any = sa.exc.OperationalError) -> Exception:
    """Return what SQLAlchemy raises for this state; which class, depends on the driver."""
    orig = Exception("could not serialize access due to concurrent update")
    orig.sqlstate = sqlstate  # type: ignore[attr-defined]
    error: Exception = kind("UPDATE ...", {}, orig)
    return error


class Attempts:
    """Work that fails a given number of times, and remembers the sessions that it was given."""

    result: Any = "done"

    def __init__(self, *failures: BaseException) -> None:
        self.failures, self.sessions = list(failures), []  # type: ignore[var-annotated]
        self.pauses: list[int] = []

    def __call__(self, session: Session) -> Any:
        self.sessions.append(session)
        made = len(self.sessions)
        assert made < 20, f"run(make_session, work): expected it to end, got {made} attempts"
        session.execute(NAME.insert().values(name=f"attempt {len(self.sessions)}"))
        if self.failures:
            raise self.failures.pop(0)
        return self.result


def attempted(
    submission: ModuleType, work: Attempts, at_commit: Iterable[BaseException] = (), **options: Any
) -> tuple[Any, list[str]]:
    """Run work; return its result, or what it raised, and the names kept."""
    engine = on_disk(NAMES)
    make = sessionmaker(engine)
    left = list(at_commit)

    @sa.event.listens_for(make, "before_commit")
    def refuse(session: Session) -> None:
        if left:
            raise left.pop(0)

    def pause(n: int) -> None:
        held = engine.pool.checkedout()  # type: ignore[attr-defined]
        assert not held, f"pause({n}): expected every transaction to have ended, got {held} open"
        work.pauses.append(n)

    try:
        told = submission.run(make, work, pause=pause, **options)
    except AssertionError:
        raise
    except (Exception, Failure) as error:
        state = getattr(getattr(error, "orig", None), "sqlstate", "")
        told = f"raises {type(error).__name__} {state}".rstrip()
    held = engine.pool.checkedout()  # type: ignore[attr-defined]
    assert not held, (
        f"run(make_session, work), afterwards: expected every transaction to have ended, "
        f"got {held} still open"
    )
    return told, ask(engine, "SELECT name FROM name")


def returns_what_the_work_returns(submission, call):
    """Without any conflict, one attempt is made, and committed."""
    work = Attempts()
    told, names = attempted(submission, work)
    call.observed("run(make_session, work) without a conflict: returned", told).gives("done")
    call.observed("work without a conflict: rows committed", names).gives(["attempt 1"])
    call.observed("work without a conflict: pauses", work.pauses).gives([])
    work = Attempts()
    work.result = None
    told, names = attempted(submission, work)
    call.observed("work that returns None: returned, rows committed", (told, names)).gives(
        (None, ["attempt 1"])
    )


def tries_again_after_a_conflict(submission, call):
    """A serialization failure, then a deadlock, then success: three attempts, three sessions."""
    work = Attempts(conflict("40001"), conflict("40P01", sa.exc.DBAPIError))
    told, _ = attempted(submission, work)
    call.observed("conflicts 40001 and 40P01, then success: returned", told).gives("done")
    different = len({id(session) for session in work.sessions})
    call.observed("conflicts 40001 and 40P01: different sessions", different).gives(3)
    call.observed("conflicts 40001 and 40P01: pauses", work.pauses).gives([1, 2])
    doing = "run(make_session, work) without a pause, one conflict"
    with during(doing):
        told = submission.run(sessionmaker(on_disk(NAMES)), Attempts(conflict()))
    call.observed(f"{doing}: returned", told).gives("done")


def tries_again_after_a_conflict_at_the_commit(submission, call):
    """At SERIALIZABLE it is often the commit that fails."""
    work = Attempts()
    told, names = attempted(submission, work, [conflict()])
    call.observed("a conflict at the first commit: returned", told).gives("done")
    call.observed("a conflict at the first commit: rows kept", names).gives(["attempt 2"])


def keeps_nothing_of_a_failed_attempt(submission, call):
    """Each attempt writes a row; only that of the last one stays."""
    _, names = attempted(submission, Attempts(conflict()))
    call.observed("one conflict, then success: rows kept", names).gives(["attempt 2"])


def lets_other_errors_through(submission, call):
    """What a retry cannot mend is not retried."""
    for name, failure in [
        ("a cancelled query (57014)", conflict("57014")),
        ("a commit of unknown outcome (40003)", conflict("40003")),
        ("an error without a state", sa.exc.OperationalError("x", {}, Exception("no state"))),
        ("a ValueError", ValueError("not a database's")),
        ("a failure that is no Exception, as KeyboardInterrupt", Failure()),
    ]:
        work = Attempts(failure)
        told, names = attempted(submission, work)
        state = getattr(getattr(failure, "orig", None), "sqlstate", "")
        expected = f"raises {type(failure).__name__} {state}".rstrip()
        call.observed(f"{name}: returned", told).gives(expected)
        call.observed(f"{name}: attempts, rows kept", (len(work.sessions), names)).gives((1, []))
        work = Attempts()
        told, names = attempted(submission, work, [failure])
        call.observed(f"{name}, at the commit: returned", told).gives(expected)
        call.observed(
            f"{name}, at the commit: attempts, rows kept", (len(work.sessions), names)
        ).gives((1, []))


def gives_up_after_the_last_attempt(submission, call):
    """Three attempts by default, or as many as asked for; no pause after the last."""
    asked: list[tuple[dict[str, Any], int]] = [({}, 3), ({"attempts": 2}, 2), ({"attempts": 1}, 1)]
    for options, most in asked:
        work = Attempts(*[conflict() for _ in range(most - 1)], conflict("40P01"), conflict())
        told, _ = attempted(submission, work, **options)
        doing = f"conflicts without end, {options or 'attempts by default'}"
        call.observed(f"{doing}, the last one 40P01: returned", told).gives(
            "raises OperationalError 40P01"
        )
        call.observed(f"{doing}: attempts", len(work.sessions)).gives(most)
        call.observed(f"{doing}: pauses", work.pauses).gives([*range(1, most)])
    work = Attempts()
    told, _ = attempted(submission, work, [conflict() for _ in range(9)])
    call.observed("conflicts at each commit: returned, attempts", (told, len(work.sessions))).gives(
        ("raises OperationalError 40001", 3)
    )


# --- place_order ----------------------------------------------------------------------------------


def asynchronously(
    submission: ModuleType, rows: list[str], use: Callable[[Any], Awaitable[Any]]
) -> tuple[sa.Engine, Any, list[str]]:
    """Use an async_sessionmaker on a new file; return an engine, the result, what was sent."""
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    sent: list[str] = []
    engine = on_disk(submission.Base.metadata)
    with engine.begin() as connection:
        for row in rows:
            connection.exec_driver_sql(row)

    async def run() -> Any:
        there = create_async_engine("sqlite+aiosqlite:///shop.db")
        listen = sa.event.listen
        listen(there.sync_engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
        listen(there.sync_engine, "commit", lambda _: sent.append("COMMIT"))
        try:
            return await use(async_sessionmaker(there))
        finally:
            await there.dispose()

    return engine, asyncio.run(run()), sent


def ordered(submission: ModuleType, book: int, count: int) -> tuple[Any, list[Any], Any, int]:
    """Place an order; return id or exception, the orders, the stocks of 7 and 8, the commits."""

    async def use(make: Any) -> Any:
        doing = f"place_order(make_session, {book}, {count})"
        with during(doing):
            try:
                return await submission.place_order(make, book, count)
            except submission.OutOfStock:
                return "OutOfStock"

    rows = ["INSERT INTO book VALUES (7, 5), (8, 9)", 'INSERT INTO "order" VALUES (41, 7, 1)']
    engine, told, sent = asynchronously(submission, rows, use)
    placed = ask(engine, 'SELECT book_id, count FROM "order" WHERE id > 41')
    return told, placed, ask(engine, "SELECT stock FROM book ORDER BY id"), sent.count("COMMIT")


def writes_order_and_stock(submission, call):
    """Three of five, and all five."""
    for count in (3, 5):
        _, placed, stock, _ = ordered(submission, 7, count)
        doing = f"place_order(make_session, 7, {count}) with 5 in stock"
        call.observed(f"{doing}: orders written", placed).gives([(7, count)])
        call.observed(f"{doing}: stock left, and that of book 8", stock).gives([5 - count, 9])


def changes_nothing_when_stock_is_short(submission, call):
    """Six of five: an exception, no order, and the stock as it was."""
    told, placed, stock, _ = ordered(submission, 7, 6)
    doing = "place_order(make_session, 7, 6) with 5 in stock"
    call.observed(f"{doing}: it gave", told).gives("OutOfStock")
    call.observed(f"{doing}: orders written", placed).gives([])
    call.observed(f"{doing}: stock left, and that of book 8", stock).gives([5, 9])


def returns_the_id(submission, call):
    """The order after number 41 is number 42."""
    told, *_ = ordered(submission, 7, 3)
    call.observed("place_order(make_session, 7, 3), after order 41: returned", told).gives(42)


def commits_once(submission, call):
    """One unit of work, one commit; none where it failed."""
    for count, commits in ((3, 1), (6, 0)):
        *_, sent = ordered(submission, 7, count)
        call.observed(
            f"place_order(make_session, 7, {count}) with 5 in stock: number of commits", sent
        ).gives(commits)


def repositories_do_not_commit(submission, call):
    """Each is used alone, and the caller rolls back; or commits although there is no stock."""

    async def use(make: Any) -> None:
        async with make() as session:
            with during("Orders(session).add(7, 1)"):
                order_id = (await submission.Orders(session).add(7, 1)).id
            call.observed("Orders(session).add(7, 1): the order's id", order_id).gives(1)
            with during("Books(session).take(7, 1)"):
                await submission.Books(session).take(7, 1)
            await session.rollback()

    engine, _, _ = asynchronously(submission, ["INSERT INTO book VALUES (7, 5)"], use)
    orders, stock = ask(engine, 'SELECT count FROM "order"'), ask(engine, "SELECT stock FROM book")
    doing = "add and take, then session.rollback() by their caller"
    call.observed(f"{doing}: orders, stock", (orders, stock[0])).gives(([], 5))

    async def use_what_failed(make: Any) -> str:
        async with make() as session:
            with during("Orders(session).add(7, 1)"):
                await submission.Orders(session).add(7, 1)
            came = "nothing"
            with during("Books(session).take(7, 6) with 5 in stock"):
                try:
                    await submission.Books(session).take(7, 6)
                except submission.OutOfStock:
                    came = "OutOfStock"
            await session.commit()
            return came

    rows = ["INSERT INTO book VALUES (7, 5)"]
    engine, came, _ = asynchronously(submission, rows, use_what_failed)
    doing = "Orders(session).add(7, 1), then Books(session).take(7, 6) with 5 in stock"
    call.observed(f"{doing}: it raised", came).gives("OutOfStock")
    orders, stock = ask(engine, 'SELECT count FROM "order"'), ask(engine, "SELECT stock FROM book")
    doing = f"{doing}, then session.commit() by their caller"
    call.observed(f"{doing}: orders, stock", (orders, stock[0])).gives(([1], 5))


# --- author_overview ------------------------------------------------------------------------------


def overview(
    submission: ModuleType, books: Iterable[tuple[str, list[str]]], size: int
) -> tuple[Any, list[Any], int]:
    """Ask for the overview; return it, the views by name, and the number of statements.

    The first author has ten views, the second twenty, and so on.
    """
    rows = []
    for number, (name, titles) in enumerate(books, 1):
        rows.append(f"INSERT INTO author VALUES ({number}, '{name}', {number}0)")
        rows += [f"INSERT INTO book (title, author_id) VALUES ('{t}', {number})" for t in titles]

    async def use(make: Any) -> Any:
        with during(f"overview(make_session, {size})"):
            return await submission.overview(make, size)

    engine, told, sent = asynchronously(submission, rows, use)
    views = ask(engine, "SELECT name, views FROM author ORDER BY name")
    return told, views, len([each for each in sent if each != "COMMIT"])


SHELF = {"Grace": ["Compilers", "A-0"], "Ada": ["Notes"], "Edsger": [], "Barbara": ["CLU", "Argus"]}


def told_of(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "books": sorted(SHELF[name])} for name in names]


def shelf(*names: str) -> list[tuple[str, list[str]]]:
    return [(name, SHELF[name]) for name in names]


def gives_names_and_sorted_titles(submission, call):
    """Authors by name, their titles in alphabetical order; neither has to be unique."""
    told, _, _ = overview(submission, shelf("Grace", "Ada", "Barbara"), 10)
    call.observed("overview(make_session, 10) of Grace, Ada, Barbara", told).gives(
        told_of("Ada", "Barbara", "Grace")
    )
    told, _, _ = overview(submission, [("Ada", ["Maps, and | more", "Maps", "Maps"])], 10)
    call.observed("overview(make_session, 10) of one with two books of the same title", told).gives(
        [{"name": "Ada", "books": ["Maps", "Maps", "Maps, and | more"]}]
    )
    told, _, _ = overview(submission, [("Ada", ["Notes"]), ("Ada", ["Maps"])], 10)
    titles = sorted(title for author in told for title in author["books"])
    call.observed(
        "overview(make_session, 10) of two authors named Ada: authors, titles", (len(told), titles)
    ).gives((2, ["Maps", "Notes"]))


def keeps_authors_without_books(submission, call):
    """Edsger has no books, and is an author all the same."""
    told, _, _ = overview(submission, shelf("Edsger", "Ada"), 5)
    call.observed("overview(make_session, 5) of Edsger, who has no books, and Ada", told).gives(
        told_of("Ada", "Edsger")
    )


def limits_authors_and_not_rows(submission, call):
    """A size of three means three authors, however many books they have."""
    call.observed(
        "overview(make_session, 2) where there are no authors", overview(submission, [], 2)[0]
    ).gives([])
    told, _, _ = overview(submission, shelf("Barbara", "Grace", "Ada"), 2)
    call.observed("overview(make_session, 2) of Barbara, Grace, Ada", told).gives(
        told_of("Ada", "Barbara")
    )


def sends_three_statements_at_most(submission, call):
    """Thirty authors cost no more than one."""
    many = [(f"author {n:02}", [f"title {n}"]) for n in range(30)]
    told, _, statements = overview(submission, many, 30)
    call.observed("overview(make_session, 30): authors", len(told)).gives(30)
    call.observed(
        f"overview(make_session, 30): more than three statements ({statements} sent)",
        statements > 3,
    ).gives(False)


def counts_views_of_those_shown(submission, call):
    """Views of those shown are one more, for all to see; the others stay."""
    _, views, _ = overview(submission, shelf("Grace", "Ada", "Barbara"), 2)
    call.observed(
        "overview(make_session, 2) of Grace, Ada, Barbara: views, committed", views
    ).gives([("Ada", 21), ("Barbara", 31), ("Grace", 10)])
    _, views, _ = overview(submission, [("Ada", ["Notes"]), ("Ada", ["Maps"])], 1)
    more = sum(count for _, count in views) - 30
    call.observed("overview(make_session, 1) of two authors named Ada: views added", more).gives(1)


# --- backfill -------------------------------------------------------------------------------------


def people(count: int, *more: str) -> sa.Engine:
    """Return an engine with so many people, p1 x, p2 x, ... and these rows besides."""
    rows = [f"({n}, 'p{n}', 'x', NULL)" for n in range(1, count + 1)]
    metadata = sa.MetaData()
    columns = [sa.Column(name, sa.String) for name in ("first", "last", "full_name")]
    sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    return in_memory(metadata, f"INSERT INTO person VALUES {', '.join([*rows, *more])}")


def filled(submission: ModuleType, engine: sa.Engine, size: int) -> Any:
    """Run the backfill, stopped where it would never end."""
    turns = 0

    def count(*_: Any) -> None:
        nonlocal turns
        turns += 1
        assert turns < 200, f"backfill(engine, {size}): expected it to end, got 200 statements"

    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        with during(f"backfill(engine, {size})"):
            return submission.backfill(engine, size)
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)


FULL = "SELECT full_name FROM person ORDER BY id"


def fills_what_is_missing(submission, call):
    """Seven people in batches of three: one has no first name, and ids before it are free."""
    engine = people(6, "(70, NULL, 'Plato', NULL)")
    told = filled(submission, engine, 3)
    names = [*(f"p{n} x" for n in range(1, 7)), "Plato"]
    call.observed(
        "backfill(engine, 3), 7 people, ids 1 to 6 and 70: full names", ask(engine, FULL)
    ).gives(names)
    call.observed("backfill(engine, 3), 7 people: returned", told).gives(7)
    call.observed("a second backfill(engine, 3): returned", filled(submission, engine, 3)).gives(0)


def keeps_what_new_code_wrote(submission, call):
    """The third of them has chosen a name already, and the fourth wants none to be shown."""
    chosen = ["(3, 'Augusta', 'King', 'Ada Lovelace')", "(4, 'p4', 'x', '')"]
    engine = people(2, *chosen, "(5, 'p5', 'x', NULL)")
    told = filled(submission, engine, 2)
    call.observed("full names, two of them written by new code", ask(engine, FULL)).gives(
        ["p1 x", "p2 x", "Ada Lovelace", "", "p5 x"]
    )
    call.observed("3 names missing, two written by new code: returned", told).gives(3)


def keeps_what_is_written_meanwhile(submission, call):
    """New code writes person 2 just before the first UPDATE; or all of the first batch."""
    for count, size, ids, expected in [
        (3, 3, "2", ["p1 x", "new", "p3 x"]),
        (4, 2, "1, 2", ["new", "new", "p3 x", "p4 x"]),
    ]:
        engine = people(count)
        just_before_update(engine, f"UPDATE person SET full_name = 'new' WHERE id IN ({ids})")
        told = filled(submission, engine, size)
        doing = f"batches of {size}, person {ids} of {count} written just before our first UPDATE"
        call.observed(f"{doing}: full names", ask(engine, FULL)).gives(expected)
        call.observed(f"{doing}: returned", told).gives(2)


def names_now(connection: Any) -> int:
    """Return the number of names that a connection sees, what is not committed included."""
    query = "SELECT count(full_name) FROM person"
    [row] = connection.connection.driver_connection.execute(query).fetchall()
    return int(row[0])


def fills_in_batches(submission, call):
    """Ten people in batches of four: at each commit, how many were filled since the last."""
    engine = people(10)
    done = [0]
    sa.event.listen(engine, "commit", lambda connection: done.append(names_now(connection)))
    filled(submission, engine, 4)
    steps = [after - before for before, after in pairwise(done) if after > before]
    doing = f"backfill(engine, 4), 10 people: filled by its transactions {steps}"
    call.observed(f"{doing}, together", sum(steps)).gives(10)
    call.observed(f"{doing}, more than 4 in one", max(steps, default=0) > 4).gives(False)


def goes_on_after_a_failure(submission, call):
    """An UPDATE fails when five names are there; full batches stay, and a second run goes on."""
    engine = people(10)
    seen: list[int] = []

    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if updates(statement) and not seen and names_now(connection) >= 5:
            seen.append(names_now(connection))
            raise sa.exc.OperationalError(statement, {}, Exception("the connection is lost"))

    sa.event.listen(engine, "before_cursor_execute", fail)
    came = "nothing"
    try:
        submission.backfill(engine, 4)
    except sa.exc.OperationalError as error:
        came = type(error).__name__
    [kept] = ask(engine, "SELECT count(full_name) FROM person")
    there = seen[0] if seen else kept
    doing = f"backfill(engine, 4), an UPDATE fails with {there} of 10 names filled"
    call.observed(f"{doing}: a full batch lost ({kept} kept)", there - kept > 3).gives(False)
    call.observed(f"{doing}: it raised", came).gives("OperationalError")
    told = filled(submission, engine, 4)
    call.observed(f"{doing}: a second run returned", told).gives(10 - kept)
