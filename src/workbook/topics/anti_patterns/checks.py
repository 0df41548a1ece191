"""The checks of chapter 10's exercises: pytest functions that the sandbox runs on a learner's cell.

Each drives the learner's code and reports what it saw through ``call``, so that a failure names
the input, what was expected and what came. Checks wait for events and count; none depends on how
fast the machine is.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from unittest import mock

#: How long a check waits for something that a right solution does at once.
PATIENCE = 2.0


@contextmanager
def during(doing: str) -> Iterator[None]:
    """Say what was being done when the learner's code raised."""
    try:
        yield
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        came = f"{type(error).__name__}: {error}"
        raise AssertionError(f"{doing}: expected no exception, got {came}") from error


def drive(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a loop of its own, and leave behind, unawaited, what does not end."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            # A coroutine with a bare `except` in its loop must never be collected: it would swallow
            # that too, and not come back.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))
        loop.close()


def named(error: BaseException, *wanted: type[BaseException]) -> str:
    """Return the name of the wanted class that an exception is of, or else that of its own."""
    return next((kind for kind in wanted if isinstance(error, kind)), type(error)).__name__


def outcome(call: Callable[[], Any], *wanted: type[BaseException]) -> Any:
    """Return what a call gives, or the name of its exception; a subclass counts as the wanted."""
    try:
        return call()
    except Exception as error:
        return f"raises {named(error, *wanted)}"


# --- rates_without_import -------------------------------------------------------------------------

TABLE = {"USD": 1.1, "SEK": 11.5}
PLACE = {"RATES_URL": "http://rates/", "OTHER": "x"}


class Fetch:
    """A fetch that notes where it was asked to look, and fails when told to."""

    def __init__(self, table: dict[str, float], failures: int = 0) -> None:
        self.table, self.failures, self.urls = table, failures, list[str]()

    def __call__(self, url: str) -> dict[str, float]:
        self.urls.append(url)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("no network")
        return self.table


def making_one_fetches_nothing(submission, call):
    """Making a Rates reads the address and fetches nothing."""
    fetch = Fetch(TABLE)
    with during("Rates(fetch, environ)"):
        submission.Rates(fetch, PLACE)
    call.observed("URLs fetched after Rates(fetch, environ)", fetch.urls).gives([])
    environ = dict(PLACE)
    with during("Rates(fetch, environ), del environ['RATES_URL'], of('USD')"):
        rates = submission.Rates(fetch, environ)
        del environ["RATES_URL"]
        rates.of("USD")
    told = "URLs fetched by of('USD') after del environ['RATES_URL']"
    call.observed(told, fetch.urls).gives(["http://rates/"])


def says_what_is_missing(submission, call):
    """A missing or empty variable is a RuntimeError that names it, at once."""
    for name, environ in (("{}", {}), ("{'RATES_URL': ''}", {"RATES_URL": ""})):
        for elsewhere in (False, True):
            fetch = Fetch(TABLE)
            label = f"Rates(fetch, {name})" + " while os.environ has a RATES_URL" * elsewhere
            with mock.patch.dict(os.environ, {"RATES_URL": "http://other/"} if elsewhere else {}):
                try:
                    submission.Rates(fetch, environ)
                    came = "no exception"
                except Exception as error:
                    came = named(error, RuntimeError)
                    came += f", naming it: {'RATES_URL' in str(error)}"
            call.observed(label, came).gives("RuntimeError, naming it: True")
            call.observed(f"{label}: URLs fetched", fetch.urls).gives([])


def fetches_once(submission, call):
    """The first use fetches, and later ones do not, whatever the table holds."""
    fetch = Fetch(TABLE)
    with during("rates.of('USD'), rates.of('SEK'), rates.of('USD')"):
        rates = submission.Rates(fetch, PLACE)
        got = [rates.of("USD"), rates.of("SEK"), rates.of("USD")]
    call.observed("of('USD'), of('SEK'), of('USD')", got).gives([1.1, 11.5, 1.1])
    call.observed("URLs fetched by these three", fetch.urls).gives(["http://rates/"])
    for table in (TABLE, {}):
        fetch = Fetch(table)
        rates = submission.Rates(fetch, PLACE)
        came = [outcome(partial(rates.of, "XXX"), KeyError) for _ in range(2)]
        call.observed(f"of('XXX') twice, the table being {table}", came).gives(
            ["raises KeyError"] * 2
        )
        call.observed(
            f"fetches by of('XXX') twice, the table being {table}", len(fetch.urls)
        ).gives(1)
    fetch = Fetch({"ZERO": 0})
    rates = submission.Rates(fetch, PLACE)
    call.observed("of('ZERO') of {'ZERO': 0}", outcome(lambda: rates.of("ZERO"))).gives(0)


def tries_again_after_a_failure(submission, call):
    """A failed fetch reaches the caller, and is not remembered."""
    fetch = Fetch(TABLE, failures=2)
    rates = submission.Rates(fetch, PLACE)
    came = [outcome(lambda: rates.of("USD")) for _ in range(4)]
    expected = ["raises ConnectionError", "raises ConnectionError", 1.1, 1.1]
    call.observed("of('USD') four times, the first two fetches failing", came).gives(expected)
    call.observed("fetches by these four", len(fetch.urls)).gives(3)


def knows_its_own_table_only(submission, call):
    """Two Rates have an address and a table each."""
    one, two = Fetch({"USD": 1}), Fetch({"USD": 2})
    with during("two Rates, of('USD') of each"):
        first = submission.Rates(one, {"RATES_URL": "http://one/"})
        second = submission.Rates(two, {"RATES_URL": "http://two/"})
        got = [first.of("USD"), second.of("USD")]
    call.observed("of('USD') of two Rates with tables of their own", got).gives([1, 2])
    call.observed("URLs fetched by the two", one.urls + two.urls).gives(
        ["http://one/", "http://two/"]
    )
    fetch = Fetch(TABLE)
    with during("two Rates with one fetch and one URL, of('USD') of each"):
        for rates in (submission.Rates(fetch, PLACE), submission.Rates(fetch, PLACE)):
            rates.of("USD")
    told = "URLs fetched by two Rates with one fetch and one URL"
    call.observed(told, fetch.urls).gives(["http://rates/"] * 2)


# --- orders_without_flags -------------------------------------------------------------------------

#: Those of one date are in no order of their ids.
ORDERS = [
    {"id": 3, "paid": True, "placed": "2026-03-02"},
    {"id": 2, "paid": False, "placed": "2026-03-01"},
    {"id": 5, "paid": False, "placed": "2026-03-02"},
    {"id": 4, "paid": True, "placed": "2026-02-27"},
    {"id": 1, "paid": True, "placed": "2026-03-02"},
]


def five() -> list[dict[str, Any]]:
    """Return the five orders, made anew."""
    return [dict(order) for order in ORDERS]


def chosen(submission: Any, *args: Any, **how: Any) -> Any:
    """Return the ids that come for the five orders."""
    return outcome(lambda: [o["id"] for o in submission.select_orders(five(), *args, **how)])


def selects_by_status(submission, call):
    """All, paid or open."""
    call.observed("select_orders(orders): ids", chosen(submission)).gives([4, 2, 3, 5, 1])
    for status, ids in (("all", [4, 2, 3, 5, 1]), ("paid", [4, 3, 1]), ("open", [2, 5])):
        got = chosen(submission, status=status)
        call.observed(f"select_orders(orders, status={status!r}): ids", got).gives(ids)


def refuses_an_unknown_status(submission, call):
    """A word that means nothing is refused, with and without orders."""
    for orders, name in ((five(), "orders"), ([], "[]")):
        for status in ("unpaid", "", "Paid", None):
            try:
                submission.select_orders(orders, status=status)
                came = "no exception"
            except Exception as error:
                came = named(error, ValueError)
                came += f", with the value: {str(status) in str(error)}"
            label = f"select_orders({name}, status={status!r})"
            call.observed(label, came).gives("ValueError, with the value: True")


def sorts_and_keeps_ties(submission, call):
    """Oldest or newest first; orders of one date stay as they came."""
    for newest, ids in ((False, [4, 2, 3, 5, 1]), (True, [3, 5, 1, 2, 4])):
        got = chosen(submission, newest_first=newest)
        call.observed(f"select_orders(orders, newest_first={newest}): ids", got).gives(ids)
    got = chosen(submission, status="paid", newest_first=True)
    call.observed("..., status='paid', newest_first=True: ids", got).gives([3, 1, 4])


def takes_names_only(submission, call):
    """Neither argument can be given by position."""
    for args in (("paid",), (True,), ("paid", True)):
        got = chosen(submission, *args)
        label = f"select_orders(orders, {', '.join(map(repr, args))})"
        call.observed(label, got).gives("raises TypeError")


def leaves_the_list_alone(submission, call):
    """The list that is passed stays as it was; any iterable will do."""
    for how in ({}, {"newest_first": True}, {"status": "paid"}, {"status": "open"}):
        orders = five()
        with during(f"select_orders(orders, {how})"):
            got = submission.select_orders(orders, **how)
        ids, expected = [o["id"] for o in orders], [o["id"] for o in ORDERS]
        call.observed(f"the list passed, after {how}: ids", ids).gives(expected)
        changed = [order for order in orders if order not in ORDERS]
        call.observed(f"orders in it that have changed, after {how}", changed).gives([])
        call.observed(f"the result is a list of its own, with {how}", got is not orders).gives(True)
        call.observed(f"type of the result, with {how}", type(got).__name__).gives("list")
        changed = [order for order in got if order not in ORDERS]
        call.observed(f"orders in the result that have changed, with {how}", changed).gives([])
        with during(f"select_orders((order for order in orders), {how})"):
            same = submission.select_orders((order for order in five()), **how)
        expected = [o["id"] for o in got]
        call.observed(f"ids from a generator, with {how}", [o["id"] for o in same]).gives(expected)
    orders = []
    got = outcome(lambda: submission.select_orders(orders))
    call.observed("select_orders([])", got).gives([])
    call.observed("select_orders([]): the result is a list of its own", got is not orders).gives(
        True
    )


# --- answers_for_errors ---------------------------------------------------------------------------


def handler_of(result: Any, raises: bool) -> Callable[[], Any]:
    """Return a handler that gives a value, or raises an exception."""

    async def handler() -> Any:
        if raises and isinstance(result, BaseException):
            raise result
        return result

    return handler


def answered(submission: Any, result: Any, raises: bool = True) -> tuple[Any, list[Any]]:
    """Return what ``answer`` gives for this result, or which exception, and what was logged."""
    logged: list[Any] = []

    async def main() -> Any:
        try:
            return await submission.answer(handler_of(result, raises), logged.append)
        except BaseException as error:
            return f"raises {type(error).__name__}"

    return drive(main()), logged


def passes_values_on(submission, call):
    """Every value but None is a 200."""
    for value in ({"id": 1}, [1], [], 0, "", False, {}):
        got, logged = answered(submission, value)
        call.observed(f"a handler that gives {value!r}", got).gives((200, value))
        call.observed(f"logged for {value!r}", len(logged)).gives(0)
    got, logged = answered(submission, None)
    call.observed("a handler that gives None", got).gives((404, {"error": "not found"}))
    call.observed("logged for None", len(logged)).gives(0)
    got, logged = answered(submission, ValueError("a value"), raises=False)
    status = got[0] if isinstance(got, tuple) else got
    call.observed("a handler that returns a ValueError: status", status).gives(200)
    call.observed("logged for a ValueError that is returned", len(logged)).gives(0)


def maps_expected_errors(submission, call):
    """NotFound is 404 and Conflict 409, with their text; subclasses too; nothing is logged."""
    for name, status in (("NotFound", 404), ("Conflict", 409)):
        base = getattr(submission, name)
        for kind in (base, type(f"Some{name}", (base,), {})):
            got, logged = answered(submission, kind("user 7"))
            label = f"a handler that raises {kind.__name__}('user 7')"
            call.observed(label, got).gives((status, {"error": "user 7"}))
            call.observed(f"{label}: logged", len(logged)).gives(0)


def logs_the_unexpected(submission, call):
    """Any other exception is logged and becomes a 500 that says nothing of it."""
    own = type("OutOfPaper", (Exception,), {})("s3cret")
    for error in (ValueError("s3cret"), KeyError("s3cret"), TimeoutError(), LookupError("x"), own):
        got, logged = answered(submission, error)
        label = f"a handler that raises {error!r}"
        call.observed(label, got).gives((500, {"error": "internal error"}))
        told = [each is error for each in logged]
        call.observed(f"{label}: logged is the exception, once", told).gives([True])


class Stop(BaseException):
    """No ``Exception``, and none that Python or asyncio knows."""


def lets_the_rest_go_on(submission, call):
    """A cancellation is no error of the handler's."""
    for error in (asyncio.CancelledError(), GeneratorExit(), Stop()):
        got, logged = answered(submission, error)
        name = type(error).__name__
        label = f"a handler that raises {name}, a BaseException"
        call.observed(label, got).gives(f"raises {name}")
        call.observed(f"{label}: logged", len(logged)).gives(0)

    async def main() -> tuple[Any, ...]:
        begun, events, logged = asyncio.Event(), list[str](), list[Any]()

        async def handler() -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                events.append("handler interrupted")

        task = asyncio.ensure_future(submission.answer(handler, logged.append))
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await begun.wait()
        end = await stopped(task)
        return end, events, len(logged)

    end, events, count = drive(main())
    label = "answer(...), cancelled while its handler waits"
    call.observed(f"{label}: how it ends", end).gives("cancelled")
    call.observed(f"{label}: events", events).gives(["handler interrupted"])
    call.observed(f"{label}: logged", count).gives(0)


# --- as_many_as_allowed ---------------------------------------------------------------------------


class Crowd:
    """Jobs that count how many of them run; those from ``held`` on end when they are let go."""

    def __init__(self, count: int, held: int = 1000) -> None:
        self.count, self.held = count, held
        self.running = self.most = self.taken = self.cancelled = self.ended = 0
        self.go = asyncio.Event()
        self.changed = asyncio.Event()

    def __iter__(self) -> Iterator[Callable[[], Any]]:
        for number in range(self.count):
            self.taken += 1
            yield partial(self.job, number)

    async def job(self, number: int) -> int:
        self.running += 1
        self.most = max(self.most, self.running)
        self.changed.set()
        try:
            if number >= self.held:
                await self.go.wait()
            for _ in range(
                1 + (7 * number) % 5
            ):  # some are slower, so that they end in another order
                await asyncio.sleep(0)
            return number * number
        except asyncio.CancelledError:
            self.cancelled += 1
            for _ in range(1 + 9 * number):  # one needs longer than another to clean up
                await asyncio.sleep(0)
            raise
        finally:
            self.running -= 1
            self.ended += 1

    async def until(self, running: int, taken: int = 0) -> None:
        """Wait until so many run, and were taken, or patience ends."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self.running < running or self.taken < taken:
                    self.changed.clear()
                    await self.changed.wait()
        for _ in range(20):  # whoever wants to start more, may
            await asyncio.sleep(0)


async def bounded(main: Coroutine[Any, Any, Any]) -> Any:
    """Await with patience; say so where it does not end."""
    task = asyncio.ensure_future(main)
    done, _ = await asyncio.wait([task], timeout=PATIENCE)
    return task.result() if done else "it did not end"


def keeps_the_order(submission, call):
    """Results come in the order of the jobs, for any limit."""
    for limit in (1, 3, 50):

        async def main(limit: int = limit) -> Any:
            return await bounded(submission.run_all(Crowd(12), limit))

        with during(f"run_all(12 jobs, {limit})"):
            got = drive(main())
        expected = [("done", number * number) for number in range(12)]
        call.observed(f"run_all(12 jobs, {limit})", got).gives(expected)

    async def nothing() -> Any:
        return await bounded(submission.run_all([], 3))

    with during("run_all([], 3)"):
        call.observed("run_all([], 3)", drive(nothing())).gives([])


def never_exceeds_the_limit(submission, call):
    """No more than the limit run, or are taken, at a time; a limit below 1 is refused."""
    for limit in (1, 4):

        async def main(limit: int = limit) -> tuple[int, int]:
            crowd = Crowd(30, held=0)
            task = asyncio.ensure_future(submission.run_all(iter(crowd), limit))
            await crowd.until(limit)
            taken = crowd.taken
            crowd.go.set()
            await bounded(asyncio.wait([task]))
            return crowd.most, taken

        with during(f"run_all(30 jobs, {limit})"):
            most, taken = drive(main())
        call.observed(f"run_all(30 jobs, {limit}): most at once", most).gives(limit)
        call.observed(f"run_all(30 jobs, {limit}): taken while {limit} run", taken).gives(limit)
    for limit in (0, -1):

        async def refused(limit: int = limit) -> Any:
            try:
                return await bounded(submission.run_all([], limit))
            except Exception as error:
                return f"raises {named(error, ValueError)}"

        call.observed(f"run_all([], {limit})", drive(refused())).gives("raises ValueError")


def uses_the_limit(submission, call):
    """As many run at once as are allowed, or as there are, also after one has ended."""
    for count, limit in ((10, 4), (3, 8)):

        async def main(count: int = count, limit: int = limit) -> int:
            crowd = Crowd(count, held=0)
            task = asyncio.ensure_future(submission.run_all(crowd, limit))
            await crowd.until(min(count, limit))
            running = crowd.running
            crowd.go.set()
            await bounded(asyncio.wait([task]))
            return running

        with during(f"run_all({count} jobs, {limit})"):
            running = drive(main())
        label = f"run_all({count} jobs, {limit}): running while none has ended"
        call.observed(label, running).gives(min(count, limit))

    async def refilled() -> int:
        crowd = Crowd(10, held=1)
        task = asyncio.ensure_future(submission.run_all(crowd, 3))
        await crowd.until(3, taken=4)
        running = crowd.running
        crowd.go.set()
        await bounded(asyncio.wait([task]))
        return running

    with during("run_all(10 jobs, 3)"):
        running = drive(refilled())
    label = "run_all(10 jobs, 3): running when the first has ended, and no other"
    call.observed(label, running).gives(3)


def plain(results: Any) -> Any:
    """Return results with exceptions, which are never equal, as text."""
    if not isinstance(results, list):
        return results
    return [
        tuple(repr(part) if isinstance(part, Exception) else part for part in result)
        if isinstance(result, tuple)
        else result
        for result in results
    ]


def collects_failures(submission, call):
    """A failure is a result, and stops no other job."""

    own = type("OutOfPaper", (Exception,), {})

    async def fails() -> None:
        raise ValueError("no")

    async def late() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        raise own("x")

    async def nothing() -> None:
        pass

    async def works() -> str:
        for _ in range(6):
            await asyncio.sleep(0)
        return "fine"

    async def gives_an_error() -> Exception:
        return ValueError("a value")

    jobs = [works, fails, late, nothing, fails, gives_an_error]
    expected: list[tuple[str, Any]] = [
        ("done", "fine"),
        ("failed", "ValueError"),
        ("failed", "OutOfPaper"),
    ]
    expected += [("done", None), ("failed", "ValueError"), ("done", "ValueError('a value')")]
    for limit in (1, 2, 6):

        async def main(limit: int = limit) -> Any:
            return await bounded(submission.run_all(jobs, limit))

        label = f"run_all(six jobs, {limit}): three fail, two give None and an exception"
        with during(label):
            got = plain(drive(main()))
        call.observed(label, got).gives(expected)


def ends_with_its_jobs(submission, call):
    """Cancelled, it cancels what runs, waits for it, and starts nothing else."""

    async def main() -> tuple[Any, ...]:
        crowd = Crowd(10, held=0)
        task = asyncio.ensure_future(submission.run_all(crowd, 3))
        await crowd.until(3)
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE)
        ended, cancelled = crowd.ended, crowd.cancelled
        crowd.go.set()
        await asyncio.sleep(0.05)
        return task.cancelled(), ended, cancelled, crowd.taken

    with during("run_all(10 jobs, 3), cancelled while three run"):
        was_cancelled, ended, cancelled, taken = drive(main())
    label = "run_all(10 jobs, 3), cancelled while three run"
    call.observed(f"{label}: it ends as cancelled", was_cancelled).gives(True)
    call.observed(f"{label}: jobs cancelled when it ends", cancelled).gives(3)
    call.observed(f"{label}: jobs ended when it ends", ended).gives(3)
    call.observed(f"{label}: jobs taken in all", taken).gives(3)


# --- sign_up_once ---------------------------------------------------------------------------------


class Shop:
    """A database in a file, with a session on it, and a second connection beside it."""

    def __init__(self, submission: Any, number: Iterator[int] = iter(range(1000))) -> None:  # noqa: B008
        import sqlalchemy as sa
        from sqlalchemy.orm import Session

        self.sa, self.module = sa, submission
        self.engine = sa.create_engine(
            f"sqlite:///shop{next(number)}.db", connect_args={"timeout": 0.5}
        )
        submission.Base.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        #: Users and outbox, as another connection saw them before each commit.
        self.seen: list[tuple[list[Any], list[Any]]] = []
        sa.event.listen(self.engine, "savepoint", self.begin)
        sa.event.listen(self.engine, "commit", lambda link: self.seen.append(self.rows()))

    @staticmethod
    def begin(link: Any, name: str) -> None:
        """Begin a transaction around a savepoint, which the driver of SQLite leaves out."""
        if not link.connection.dbapi_connection.in_transaction:
            link.exec_driver_sql("BEGIN")

    def sign_up(self, email: str, hash_password: Callable[[str], str] | None = None) -> Any:
        """Return what comes, or the name of the exception."""
        hashing = hash_password or (lambda password: f"hash of {password}")
        return outcome(lambda: self.module.sign_up(self.session, email, "pw", hashing))

    def rows(self) -> tuple[list[Any], list[Any]]:
        """Return users and outbox, as another connection sees them."""
        with self.engine.connect() as link:
            users = link.execute(self.sa.text("SELECT email, password_hash FROM users ORDER BY id"))
            outbox = link.execute(self.sa.text("SELECT kind, recipient FROM outbox ORDER BY id"))
            return [tuple(row) for row in users], [tuple(row) for row in outbox]

    def once(self, table: str, act: Callable[[], None]) -> None:
        """Act just before the next insert into such a table."""
        left = [act]

        def hook(*arguments: Any) -> None:
            if left and re.match(rf"INSERT\b.*?\bINTO {table}\b", arguments[2]):
                left.pop()()

        self.sa.event.listen(self.engine, "before_cursor_execute", hook)

    def refuse(self, event: str) -> None:
        """Let the next insert into a table, or the driver's next commit, fail."""
        dialect: Any = self.engine.dialect

        def act() -> None:
            raise self.sa.exc.OperationalError(event, {}, Exception("the disk is full"))

        def do_commit(link: Any) -> None:
            del dialect.do_commit  # back to that of its class
            raise dialect.dbapi.DatabaseError("the file is damaged")

        if event == "commit":
            dialect.do_commit = do_commit
        else:
            self.once(event, act)

    def theirs(self) -> None:
        """Insert ada@x as another request does, beside this session."""
        with self.engine.begin() as other:
            insert = "INSERT INTO users (email, password_hash) VALUES ('ada@x', 'theirs')"
            other.execute(self.sa.text(insert))


def fine(got: Any) -> Any:
    """Return whatever was answered as just that; another check looks at the answer."""
    return got if str(got).startswith("raises") else "an answer"


ADA = ("ada@x", "hash of pw")


def stores_and_answers(submission, call):
    """A sign-up stores a user and an outbox entry, and answers with id and address."""
    shop = Shop(submission)
    call.observed("sign_up(' Ada@X ')", shop.sign_up(" Ada@X ")).gives({"id": 1, "email": "ada@x"})
    call.observed("sign_up('bob@x')", shop.sign_up("bob@x")).gives({"id": 2, "email": "bob@x"})
    users, outbox = shop.rows()
    call.observed("users, seen by another connection", users).gives([ADA, ("bob@x", "hash of pw")])
    expected = [("welcome", "ada@x"), ("welcome", "bob@x")]
    call.observed("outbox, seen by another connection", outbox).gives(expected)


def refuses_a_known_address(submission, call):
    """A known address is refused, in any spelling, and the session goes on."""
    shop = Shop(submission)
    shop.sign_up("ada@x")
    for email in ("ada@x", "ADA@x", " ada@x"):
        call.observed(f"sign_up({email!r}), known", shop.sign_up(email)).gives(
            "raises AddressTaken"
        )
    got = shop.sign_up("bob@x")
    call.observed("sign_up('bob@x') after that", fine(got)).gives("an answer")
    users, outbox = shop.rows()
    call.observed("users", [email for email, _ in users]).gives(["ada@x", "bob@x"])
    call.observed("outbox", [who for _, who in outbox]).gives(["ada@x", "bob@x"])


def survives_a_race(submission, call):
    """Another request inserts the address while this one is hashing, or about to insert it."""
    for when in ("while it hashes", "just before its INSERT"):
        shop = Shop(submission)

        def meanwhile(password: str, shop: Shop = shop, when: str = when) -> str:
            if when == "while it hashes":
                shop.theirs()
            return "ours"

        if when == "just before its INSERT":
            shop.once(r"\w+", shop.theirs)
        got = shop.sign_up("ada@x", meanwhile)
        label = f"sign_up('ada@x'), inserted by another {when}"
        call.observed(label, fine(got)).gives("raises AddressTaken")
        users, outbox = shop.rows()
        call.observed(f"{label}: users", users).gives([("ada@x", "theirs")])
        call.observed(f"{label}: outbox", outbox).gives([])
        got = shop.sign_up("bob@x")
        call.observed(f"{label}: sign_up('bob@x') after that", fine(got)).gives("an answer")


def commits_both_or_none(submission, call):
    """If one of the two rows cannot be written, neither is there, and at no time is one alone."""
    for event in ("outbox", "users", "commit"):
        shop = Shop(submission)
        shop.refuse(event)
        shop.sign_up("ada@x")
        users, outbox = shop.rows()
        label = "COMMIT fails" if event == "commit" else f"INSERT INTO {event} fails"
        call.observed(f"{label}: users", users).gives([])
        call.observed(f"{label}: outbox", outbox).gives([])
        got = shop.sign_up("ada@x")
        call.observed(f"{label}: sign_up('ada@x') once more", fine(got)).gives("an answer")
    shop = Shop(submission)
    shop.sign_up("ada@x")
    alone = [(users, outbox) for users, outbox in shop.seen if len(users) != len(outbox)]
    label = "sign_up('ada@x'): (users, outbox) seen by another connection with one row alone"
    call.observed(label, alone).gives([])


def tells_errors_apart(submission, call):
    """A full disk is no taken address."""
    for event in ("users", "outbox", "commit"):
        shop = Shop(submission)
        shop.refuse(event)
        got = shop.sign_up("ada@x")
        label = "COMMIT fails" if event == "commit" else f"INSERT INTO {event} fails"
        kind = "DatabaseError" if event == "commit" else "OperationalError"
        call.observed(f"sign_up('ada@x') while {label}", got).gives(f"raises {kind}")
    shop = Shop(submission)

    def broken(password: str) -> str:
        raise RuntimeError("no entropy")

    call.observed("sign_up('ada@x') while hashing fails", shop.sign_up("ada@x", broken)).gives(
        "raises RuntimeError"
    )
    call.observed("sign_up('ada@x') after that", fine(shop.sign_up("ada@x"))).gives("an answer")
    users, outbox = shop.rows()
    call.observed("users after both", users).gives([ADA])
    call.observed("outbox after both", outbox).gives([("welcome", "ada@x")])


# --- worker_that_ends -----------------------------------------------------------------------------


class Watched(asyncio.Queue[Any]):
    """A queue that counts what was taken, and how often it was told of an end."""

    taken = told = 0

    def _get(self) -> Any:  # for get() and get_nowait()
        self.taken += 1
        return super()._get()

    def task_done(self) -> None:
        self.told += 1
        super().task_done()


async def joined(queue: Watched) -> bool:
    """Whether every item is done within patience."""
    waiting = asyncio.ensure_future(queue.join())
    await asyncio.wait([waiting], timeout=PATIENCE)
    done = waiting.done()
    waiting.cancel()
    return done


async def stopped(task: asyncio.Future[Any]) -> str:
    """Cancel a worker; return how it ended."""
    if task.done():
        return f"it had ended: {None if task.cancelled() else task.exception()!r}"
    task.cancel()
    await asyncio.wait([task], timeout=PATIENCE / 2)
    return "cancelled" if task.done() and task.cancelled() else "done" if task.done() else "running"


def start(submission: Any, items: list[Any], handle: Any, seconds: float = 60) -> tuple[Any, ...]:
    """Start a worker on a queue of these items; return task, queue and log."""
    queue, log = Watched(), list[tuple[Any, str]]()
    for item in items:
        queue.put_nowait(item)

    def note(item: Any, error: BaseException) -> None:
        log.append((item, type(error).__name__))

    working = submission.worker(queue, handle, note, seconds)
    return asyncio.ensure_future(working), queue, log


def handles_in_turn(submission, call):
    """Items are handled one after the other, whatever they are."""
    items = [1, None, 0, "", "last"]

    async def main() -> tuple[Any, ...]:
        seen: list[Any] = []
        running = most = 0

        async def handle(item: Any) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            seen.append(item)
            running -= 1

        task, queue, log = start(submission, items, handle)
        done = await joined(queue)
        await stopped(task)
        return seen, most, done, log

    seen, most, done, log = drive(main())
    call.observed(f"items handled of {items}", seen).gives(items)
    call.observed("most handled at once", most).gives(1)
    call.observed("queue.join() returns", done).gives(True)
    call.observed("logged", log).gives([])


def logs_failures_and_goes_on(submission, call):
    """A failure is logged once with its item, and the next item is handled."""
    failures = {1: ValueError(), 3: TimeoutError(), 5: type("OutOfPaper", (Exception,), {})()}

    async def main() -> tuple[Any, ...]:
        seen: list[Any] = []

        async def handle(item: Any) -> None:
            seen.append(item)
            if item in failures:
                raise failures[item]

        task, queue, log = start(submission, [0, 1, 2, 3, 4, 5, 6], handle)
        done = await joined(queue)
        return seen, log, done, await stopped(task)

    seen, log, done, end = drive(main())
    label = "items 0 to 6, of which 1, 3 and 5 fail"
    call.observed(f"{label}: handled", seen).gives([0, 1, 2, 3, 4, 5, 6])
    expected = [(1, "ValueError"), (3, "TimeoutError"), (5, "OutOfPaper")]
    call.observed(f"{label}: logged", log).gives(expected)
    call.observed(f"{label}: queue.join() returns", done).gives(True)
    call.observed(f"{label}: how it ends when cancelled", end).gives("cancelled")


def limits_the_time(submission, call):
    """An item that takes too long is interrupted, logged and done."""

    async def main() -> tuple[Any, ...]:
        events: list[str] = []

        async def handle(item: str) -> None:
            if item == "stuck":
                try:
                    await asyncio.sleep(60)
                finally:
                    events.append("cleaned up")
            await asyncio.sleep(0)  # where a time that is over would interrupt
            events.append(item)

        task, queue, log = start(submission, ["stuck", "next"], handle, seconds=0.2)
        done = await joined(queue)
        await stopped(task)
        return events, log, done

    events, log, done = drive(main())
    call.observed("'stuck' for a minute, seconds=0.2: events", events).gives(["cleaned up", "next"])
    call.observed("'stuck' for a minute, seconds=0.2: logged", log).gives(
        [("stuck", "TimeoutError")]
    )
    call.observed("'stuck' for a minute: queue.join() returns", done).gives(True)

    async def idle() -> tuple[Any, ...]:
        seen: list[str] = []

        async def handle(item: str) -> None:
            seen.append(item)

        task, queue, log = start(submission, [], handle, seconds=0.05)
        await asyncio.sleep(0.2)
        told = queue.told
        await queue.put("late")
        done = await joined(queue)
        await stopped(task)
        return told, seen, log, done

    told, seen, log, done = drive(idle())
    label = "nothing to do for longer than seconds, and then 'late'"
    call.observed(f"{label}: task_done() before 'late'", told).gives(0)
    call.observed(f"{label}: handled", seen).gives(["late"])
    call.observed(f"{label}: logged", log).gives([])
    call.observed(f"{label}: queue.join() returns", done).gives(True)


def marks_each_item_once(submission, call):
    """task_done is called once for each item taken, also for one that is interrupted."""

    async def main() -> tuple[Any, ...]:
        begun = asyncio.Event()

        async def handle(item: str) -> None:
            if item == "fails":
                raise ValueError
            if item == "long":
                begun.set()
                await asyncio.sleep(60)

        task, queue, _ = start(submission, ["fine", "fails", "long", "never taken"], handle)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await begun.wait()
        before = queue.told
        end = await stopped(task)
        return before, queue.told, queue.taken, end

    before, told, taken, end = drive(main())
    label = "'fine', 'fails', then cancelled in 'long'"
    call.observed(f"{label}: task_done() before that", before).gives(2)
    call.observed(f"{label}: task_done() in all", told).gives(3)
    call.observed(f"{label}: items taken", taken).gives(3)
    call.observed(f"{label}: how it ends", end).gives("cancelled")


def ends_when_cancelled(submission, call):
    """Waiting or at work, it ends as cancelled, after the handler, and logs nothing."""

    async def main(items: list[str]) -> tuple[Any, ...]:
        begun, events = asyncio.Event(), list[str]()

        async def handle(item: str) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0)
                events.append("cleaned up")

        task, queue, log = start(submission, items, handle)
        if items:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await begun.wait()
        else:
            for _ in range(5):
                await asyncio.sleep(0)
        return await stopped(task), events, log, queue.told

    for label, items, cleaned in (
        ("cancelled while it waits", [], []),
        ("cancelled while it handles", ["item"], ["cleaned up"]),
    ):
        end, events, log, told = drive(main(items))
        call.observed(f"{label}: how it ends", end).gives("cancelled")
        call.observed(f"{label}: events", events).gives(cleaned)
        call.observed(f"{label}: logged", log).gives([])
        call.observed(f"{label}: task_done()", told).gives(len(items))
