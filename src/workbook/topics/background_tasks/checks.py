"""The checks of chapter 06's exercises: pytest functions that the sandbox runs on a learner's cell.

Brokers, payment providers and crashes are stand-ins here, small enough to be stopped at every line;
the databases are real, SQLite files in the sandbox's folder. Each check reports what it saw through
``call``, so that a failure names the input, what was expected and what came. None looks at a clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any


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


def outcome(function: Callable[..., Any], *args: Any) -> Any:
    """Return what a call returned, or ``raises`` and the name of what it raised."""
    try:
        return function(*args)
    except BaseException as error:
        return f"raises {type(error).__name__}"


# --- backoff_delay --------------------------------------------------------------------------------


def doubles_from_the_base(submission, call):
    """The limit is the base at the first attempt, and doubles from there."""
    for base in (1.0, 0.5):
        limits = [submission.delay(n, lambda: 0.5, base, 1000.0) * 2 for n in (1, 2, 3, 6)]
        want = [base, base * 2, base * 4, base * 32]
        call.observed(f"twice delay(1), (2), (3), (6), draw 0.5, base {base}", limits).gives(want)
    far = outcome(submission.delay, 11, lambda: 0.5, 1.0, 5000.0)
    call.observed("delay(11), draw 0.5, base 1, cap 5000", far).gives(512.0)
    first = submission.delay(1, lambda: 0.5)
    call.observed("delay(1), draw 0.5, nothing else given", first).gives(0.5)


def never_exceeds_the_cap(submission, call):
    """The cap bounds the limit, before the jitter, however many attempts there were."""
    for attempt in (7, 100, 5000):
        got = outcome(submission.delay, attempt, lambda: 0.5)
        call.observed(f"delay({attempt}), draw 0.5, cap 60", got).gives(30.0)
    got = outcome(submission.delay, 5, lambda: 0.25, 1.0, 12.0)
    call.observed("delay(5), draw 0.25, cap 12", got).gives(3.0)
    got = outcome(submission.delay, 1, lambda: 0.5, 20.0, 12.0)
    call.observed("delay(1), draw 0.5, base 20, cap 12", got).gives(6.0)
    got = outcome(submission.delay, 5000, lambda: 0.5, 0.001, 86400.0)
    call.observed("delay(5000), draw 0.5, base 0.001, cap 86400", got).gives(43200.0)


def spreads_the_pauses(submission, call):
    """One draw a pause, anywhere from 0 to the limit."""
    for drawn, want in ((0.0, 0.0), (0.25, 1.0), (0.75, 3.0)):
        got = outcome(submission.delay, 3, lambda drawn=drawn: drawn)
        call.observed(f"delay(3) where the draw is {drawn}", got).gives(want)
    draws: list[int] = []

    def draw() -> float:
        draws.append(1)
        return 0.5

    for attempt in (4, 5000):
        draws.clear()
        outcome(submission.delay, attempt, draw)
        call.observed(f"draws in one delay({attempt})", len(draws)).gives(1)


def refuses_attempts_below_one(call):
    """There is no retry number 0."""
    for attempt in (0, -1):
        call("delay", attempt, lambda: 0.5).raises(ValueError)


# --- claim_order ----------------------------------------------------------------------------------


def shop(name: str) -> sqlite3.Connection:
    """Make a database file with an order in each state; return a connection."""
    Path(name).unlink(missing_ok=True)
    connection = sqlite3.connect(name, timeout=0.2)
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT)")
    rows = [(1, "pending"), (2, "processing"), (3, "done"), (4, "pending"), (5, "cancelled")]
    connection.executemany("INSERT INTO orders VALUES (?, ?)", rows)
    connection.commit()
    return connection


def statuses(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the status of each order."""
    return dict(connection.execute("SELECT id, status FROM orders"))


def claims_a_pending_order(submission, call):
    """A pending order is claimed, and no other one is touched."""
    connection = shop("claims.db")
    call.observed("claim of the pending order 1", submission.claim(connection, 1)).gives(True)
    want = {1: "processing", 2: "processing", 3: "done", 4: "pending", 5: "cancelled"}
    call.observed("all orders after the claim of 1", statuses(connection)).gives(want)


def refuses_what_is_not_pending(submission, call):
    """What is being worked on, done or unknown cannot be claimed."""
    connection = shop("refuses.db")
    for order, what in ((2, "in processing"), (3, "done"), (5, "cancelled"), (9, "unknown")):
        got = submission.claim(connection, order)
        call.observed(f"claim of order {order}, which is {what}", got).gives(False)
    submission.claim(connection, 1)
    call.observed("the second claim of order 1", submission.claim(connection, 1)).gives(False)
    want = {1: "processing", 2: "processing", 3: "done", 4: "pending", 5: "cancelled"}
    call.observed("all orders afterwards", statuses(connection)).gives(want)


class Watched:
    """A connection that lets a rival claim, and commit, between two statements."""

    def __init__(self, connection: sqlite3.Connection, rival: Callable[[], None]) -> None:
        self.connection, self.rival, self.statements = connection, rival, 0

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def cursor(self) -> Result:
        return Result(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


class Result:
    """A cursor whose rows are fetched at once, so that it does not keep the database locked."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.rows, self.rowcount = watched, list[Any](), -1

    def execute(self, *args: Any) -> Result:
        if self.watched.statements == 1:
            self.watched.rival()
        self.watched.statements += 1
        cursor = self.watched.connection.execute(*args)
        self.rows = cursor.fetchall() if cursor.description else []
        self.rowcount = cursor.rowcount
        return self

    def close(self) -> None:
        self.rows = []

    def fetchone(self) -> Any:
        return self.rows.pop(0) if self.rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [self.fetchone() for _ in self.rows[:size]]

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self.rows))

    def __iter__(self) -> Result:
        return self

    def __next__(self) -> Any:
        if not self.rows:
            raise StopIteration
        return self.fetchone()


def lets_one_of_two_rivals_through(submission, call):
    """Where another worker claims between two statements of ours, only one of them may go on."""
    connection = shop("rivals.db")
    other, wins = sqlite3.connect("rivals.db", timeout=0.2), []

    def rival() -> None:
        with suppress(sqlite3.OperationalError):  # ours has locked the database by then
            if submission.claim(other, 1):
                wins.append("the rival")
            other.commit()

    watched = Watched(connection, rival)
    with suppress(sqlite3.OperationalError):
        if submission.claim(watched, 1):
            wins.append("this one")
        connection.commit()
    if watched.statements < 2:  # one statement: the rival comes right after it
        rival()
    label = "winners of order 1, where a rival claims between two statements"
    call.observed(label, len(wins)).gives(1)


def leaves_the_commit_to_the_caller(submission, call):
    """A rollback of the caller frees the order again."""
    connection = shop("commits.db")
    submission.claim(connection, 1)
    connection.rollback()
    call.observed("status of order 1 after claim and rollback", statuses(connection)[1]).gives(
        "pending"
    )
    call.observed("the next claim of order 1", submission.claim(connection, 1)).gives(True)
    for order, what in ((4, "pending"), (9, "unknown")):
        connection.rollback()
        connection.execute("INSERT INTO orders VALUES (6, 'the effect')")
        submission.claim(connection, order)
        connection.rollback()
        left = statuses(connection).get(6, "gone")
        label = f"an effect written before the claim of {order} ({what}), after a rollback"
        call.observed(label, left).gives("gone")
        connection.execute("DELETE FROM orders WHERE id = 6")
        connection.commit()
    connection.execute("INSERT INTO orders VALUES (6, 'the effect')")
    submission.claim(connection, 9)
    left = statuses(connection).get(6, "gone")
    call.observed("an effect written before the refused claim of 9", left).gives("the effect")


# --- retry_transient ------------------------------------------------------------------------------


class Flaky:
    """A task that raises these, one after the other, and then returns; counts its calls."""

    def __init__(self, *errors: BaseException, result: Any = "the result") -> None:
        self.errors, self.result, self.calls = list(errors), result, 0

    def __call__(self) -> Any:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.result


def retried(submission, errors: list[BaseException], tries: int) -> tuple[Any, int, list[int]]:
    """Return what run() gave, how often it called the task, and its pauses."""
    task = Flaky(*errors)
    pauses: list[int] = []
    got = outcome(submission.run, task, (ConnectionError, TimeoutError), tries, pauses.append)
    return got, task.calls, pauses


def returns_the_result(submission, call):
    """A task that works is called once."""
    got, calls, pauses = retried(submission, [], 3)
    call.observed("a task that works: result", got).gives("the result")
    call.observed("a task that works: calls and pauses", (calls, pauses)).gives((1, []))
    for result in (None, 0):
        task = Flaky(result=result)
        got = outcome(submission.run, task, (ConnectionError,), 3, lambda n: None)
        label = f"a task that returns {result}: result and calls"
        call.observed(label, (got, task.calls)).gives((result, 1))


def retries_what_is_transient(submission, call):
    """Transient errors are tried again, up to the number of tries."""
    errors: list[BaseException] = [ConnectionError(), TimeoutError()]
    got, calls, _ = retried(submission, errors, 3)
    call.observed("two transient errors, tries 3: result", got).gives("the result")
    call.observed("two transient errors, tries 3: calls", calls).gives(3)
    got, calls, _ = retried(submission, [ConnectionResetError()], 3)
    label = "ConnectionResetError, which is a ConnectionError: result and calls"
    call.observed(label, (got, calls)).gives(("the result", 2))
    task = Flaky(KeyError())
    got = outcome(submission.run, task, (KeyError,), 3, lambda n: None)
    label = "KeyError where transient is (KeyError,): result and calls"
    call.observed(label, (got, task.calls)).gives(("the result", 2))


def fails_at_once_on_anything_else(submission, call):
    """A bug, or a request to stop, is no reason to try again."""
    for error in (TypeError(), KeyboardInterrupt()):
        name = type(error).__name__
        got, calls, pauses = retried(submission, [error], 3)
        call.observed(f"{name}, which is not transient", got).gives(f"raises {name}")
        call.observed(f"{name}: calls and pauses", (calls, pauses)).gives((1, []))
    got, calls, pauses = retried(submission, [ConnectionError(), TypeError()], 3)
    call.observed("ConnectionError, then TypeError", got).gives("raises TypeError")
    label = "ConnectionError, then TypeError: calls and pauses"
    call.observed(label, (calls, pauses)).gives((2, [1]))
    task = Flaky(ConnectionError())
    got = outcome(submission.run, task, (KeyError,), 3, lambda n: None)
    label = "ConnectionError where transient is (KeyError,)"
    call.observed(label, (got, task.calls)).gives(("raises ConnectionError", 1))


def raises_the_last_error(submission, call):
    """When the tries are used up, the caller learns of it."""
    for tries in (1, 3):
        errors: list[BaseException] = [ConnectionError() for _ in range(tries - 1)]
        errors += [TimeoutError(), TimeoutError()]
        got, calls, _ = retried(submission, errors, tries)
        call.observed(f"more failures than tries ({tries})", got).gives("raises TimeoutError")
        call.observed(f"more failures than tries ({tries}): calls", calls).gives(tries)
    last = TimeoutError("last")
    task = Flaky(TimeoutError("first"), last)
    try:
        submission.run(task, (TimeoutError,), 2, lambda n: None)
    except TimeoutError as error:
        call.observed("message of the error after 2 of 2 tries", str(error)).gives("last")
        label = "is it the exception that the task raised, and not a copy?"
        call.observed(label, error is last).gives(True)


def pauses_between_tries_only(submission, call):
    """The pauses are numbered from 1, and none comes after the last try."""
    *_, pauses = retried(submission, [ConnectionError(), ConnectionError()], 5)
    call.observed("pauses of a task that works at its third try", pauses).gives([1, 2])
    *_, pauses = retried(submission, [ConnectionError() for _ in range(9)], 3)
    call.observed("pauses of a task that never works, tries 3", pauses).gives([1, 2])


# --- outbox_relay ---------------------------------------------------------------------------------


def outbox(name: str) -> tuple[sqlite3.Connection, Callable[[], list[int]]]:
    """Make an outbox; return a connection, and what another connection sees as sent."""
    Path(name).unlink(missing_ok=True)
    connection = sqlite3.connect(name, timeout=0.2)
    connection.execute("CREATE TABLE outbox (id INTEGER, task TEXT, sent INTEGER)")
    rows = [(3, "c", 0), (1, "y", 0), (2, "b", 1), (5, "e", 0), (4, "d", 0)]
    connection.executemany("INSERT INTO outbox VALUES (?, ?, ?)", rows)
    connection.commit()

    def sent() -> list[int]:
        with sqlite3.connect(name, timeout=0.2) as other:
            return [row[0] for row in other.execute("SELECT id FROM outbox WHERE sent ORDER BY id")]

    return connection, sent


def sends_in_order(submission, call):
    """Unsent rows go out in the order of their ids, each once."""
    connection, sent = outbox("order.db")
    got: list[tuple[int, str]] = []
    count = submission.relay(connection, lambda id, task: got.append((id, task)))
    call.observed("what was sent of the rows 1, 3, 4, 5 (2 is sent already)", got).gives(
        [(1, "y"), (3, "c"), (4, "d"), (5, "e")]
    )
    call.observed("the number returned", count).gives(4)
    call.observed("rows marked as sent afterwards", sent()).gives([1, 2, 3, 4, 5])
    again = submission.relay(connection, lambda id, task: got.append((id, task)))
    call.observed("the number returned by a second run", again).gives(0)
    rows = [(id, "more") for id in range(6, 18)]
    connection.executemany("INSERT INTO outbox VALUES (?, ?, 0)", rows)
    connection.commit()
    got.clear()
    submission.relay(connection, lambda id, task: got.append((id, task)))
    call.observed("ids sent of twelve new rows, 6 to 17", [id for id, _ in got]).gives(
        [*range(6, 18)]
    )


def marks_after_sending(submission, call):
    """While a row is being sent, it is not marked: a crash there must not lose it."""
    connection, _ = outbox("after.db")
    early: list[int] = []

    def send(id: int, task: str) -> None:
        query = "SELECT sent FROM outbox WHERE id = ?"
        early.extend([id] * connection.execute(query, [id]).fetchone()[0])

    submission.relay(connection, send)
    call.observed("rows that were marked before they were sent", early).gives([])


def stops_at_the_first_failure(submission, call):
    """A row that cannot be sent stays, with all behind it."""
    connection, sent = outbox("stops.db")
    tried: list[int] = []
    errors: list[Exception] = [ConnectionError("the broker is away"), ValueError("too long")]

    def send(id: int, task: str) -> None:
        tried.append(id)
        if id == 3 and errors:
            raise errors.pop(0)

    got = outcome(submission.relay, connection, send)
    call.observed("relay() where row 3 cannot be sent", got).gives(1)
    call.observed("rows that it tried to send", tried).gives([1, 3])
    call.observed("rows marked as sent", sent()).gives([1, 2])
    got = outcome(submission.relay, connection, send)
    call.observed("the next relay(), where row 3 raises ValueError", got).gives(0)
    call.observed("rows marked as sent after it", sent()).gives([1, 2])
    got = outcome(submission.relay, connection, send)
    call.observed("the relay() after that, where all can be sent", got).gives(3)
    call.observed("all that was tried in three runs", tried).gives([1, 3, 3, 3, 4, 5])


def commits_each_row(submission, call):
    """What was sent is committed before the next row goes out."""
    connection, sent = outbox("commits.db")
    seen: dict[int, list[int]] = {}
    submission.relay(connection, lambda id, task: seen.update({id: sent()}))
    want = {1: [2], 3: [1, 2], 4: [1, 2, 3], 5: [1, 2, 3, 4]}
    call.observed("rows that others see as sent while 1, 3, 4, 5 go out", seen).gives(want)


def leaves_new_rows_for_the_next_run(submission, call):
    """A row that comes in meanwhile is sent in this run or in the next one, but never skipped."""
    connection, sent = outbox("new.db")
    got: list[int] = []

    def send(id: int, task: str) -> None:
        got.append(id)
        if id == 5:
            rows = [(0, "e"), (6, "f")]  # a lower id too: ids are given before they are committed
            connection.executemany("INSERT INTO outbox VALUES (?, ?, 0)", rows)
            connection.commit()

    submission.relay(connection, send)
    submission.relay(connection, send)
    label = "ids that two runs sent, sorted, where the rows 0 and 6 came in during the first"
    call.observed(label, sorted(got)).gives([0, 1, 3, 4, 5, 6])
    call.observed("rows marked as sent", sent()).gives([0, 1, 2, 3, 4, 5, 6])


# --- visibility_queue -----------------------------------------------------------------------------


class Clock:
    """A clock that stands still until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def line(submission, *bodies: str, timeout: float = 30, max_receives: int = 3) -> tuple[Any, Clock]:
    """Make a queue with these messages, and its clock."""
    clock = Clock()
    queue = submission.Queue(timeout, max_receives, clock)
    for body in bodies:
        queue.put(body)
    return queue, clock


def body_of(received: Any) -> Any:
    """Return the body of what receive() returned, or None."""
    return received[1] if received else received


def hands_out_in_order(submission, call):
    """The first in is the first out; where nothing is visible there is None."""
    queue, _ = line(submission, "a", "b")
    got = [body_of(queue.receive()) for _ in range(3)]
    call.observed('receive() three times after put("a"), put("b")', got).gives(["a", "b", None])
    call.observed("receive() of an empty queue", line(submission)[0].receive()).gives(None)
    queue, _ = line(submission, "", "a")
    call.observed('receive() after put("")', body_of(queue.receive())).gives("")


def hides_what_is_being_worked_on(submission, call):
    """A received message is invisible for the time of the timeout."""
    queue, clock = line(submission, "a")
    queue.receive()
    for seconds in (0, 29):
        clock.now = 100.0 + seconds
        label = f"receive() {seconds} s after the first, timeout 30"
        call.observed(label, body_of(queue.receive())).gives(None)


def hands_out_again_after_the_timeout(submission, call):
    """What was not deleted in time comes again, before what was put later."""
    queue, clock = line(submission, "a", "b")
    queue.receive()
    clock.now = 130.0
    call.observed('receive() exactly 30 s after "a" was received', body_of(queue.receive())).gives(
        "a"
    )
    clock.now = 159.0
    got = [body_of(queue.receive()) for _ in range(2)]
    call.observed("receive() twice, 29 s after that", got).gives(["b", None])


def deletes_for_good(submission, call):
    """A deleted message never comes again, and its neighbours stay."""
    queue, clock = line(submission, "a", "b", "b")
    receipt, _ = queue.receive()
    call.observed('delete() with the receipt of "a"', queue.delete(receipt)).gives(True)
    call.observed("delete() with the same receipt again", queue.delete(receipt)).gives(False)
    clock.now = 500.0
    got = [body_of(queue.receive()) for _ in range(3)]
    call.observed("receive() three times, long afterwards", got).gives(["b", "b", None])
    queue, clock = line(submission, "b", "b", max_receives=2)
    received = [queue.receive() for _ in range(2)]
    call.observed('receive() twice after put("b"), put("b")', [body_of(r) for r in received]).gives(
        ["b", "b"]
    )
    call.observed(
        'delete() with the receipt of the second "b"', queue.delete(received[1][0])
    ).gives(True)
    clock.now = 130.0
    got = [body_of(queue.receive()) for _ in range(2)]
    call.observed('receive() twice, when the other "b" is visible again', got).gives(["b", None])


def ignores_an_outdated_receipt(submission, call):
    """A worker that was too slow may not delete what another one has been given since."""
    queue, clock = line(submission, "a")
    old, _ = queue.receive()
    clock.now = 130.0
    again = queue.receive()
    call.observed("receive() after the timeout", body_of(again)).gives("a")
    call.observed("are the two receipts different?", old != again[0]).gives(True)
    call.observed("delete() with the outdated receipt", queue.delete(old)).gives(False)
    call.observed("delete() with a receipt that never was", queue.delete("nonsense")).gives(False)
    call.observed("delete() with the current receipt", queue.delete(again[0])).gives(True)

    queue, clock = line(submission, "a")
    receipt, _ = queue.receive()
    clock.now = 130.0
    label = "delete() after the timeout, where nobody has been handed the message since"
    call.observed(label, queue.delete(receipt)).gives(True)
    call.observed("receive() after that", queue.receive()).gives(None)

    queue, _ = line(submission, "a", "b")
    first, _ = queue.receive()
    queue.delete(first)
    second, _ = queue.receive()
    label = 'is the receipt of "b" different from that of "a", which was deleted before?'
    call.observed(label, second != first).gives(True)

    queue, clock = line(submission, "a", "b", "b")
    guesses = [guess for guess in (None, 0, 1, 2, "") if queue.delete(guess)]
    call.observed("delete() before any receive(): guesses that removed something", guesses).gives(
        []
    )
    receipts: list[Any] = []
    for clock.now in (100.0, 130.0):
        receipts += [received[0] for received in (queue.receive() for _ in range(3)) if received]
    different = [each for n, each in enumerate(receipts) if each not in receipts[:n]]
    call.observed("different receipts of 3 messages, received twice each", len(different)).gives(6)


def puts_the_hopeless_aside(submission, call):
    """After so many receives it goes to the dead letters, and does not block what is behind it."""
    queue, clock = line(submission, "poison", "fine", max_receives=2)
    got: list[Any] = []
    receipts: list[Any] = []
    for seconds in (0, 30, 60):
        clock.now = 100.0 + seconds
        received = queue.receive()
        got.append(body_of(received))
        receipts += received[:1] if received else ()
        if received and received[1] == "fine":
            queue.delete(received[0])
    call.observed("received at 0, 30 and 60 s, max_receives 2", got).gives(
        ["poison", "poison", "fine"]
    )
    call.observed("dead", list(queue.dead)).gives(["poison"])
    clock.now = 500.0
    call.observed("receive() long afterwards", body_of(queue.receive())).gives(None)
    label = "delete() with the last receipt of the dead message"
    call.observed(label, outcome(queue.delete, receipts[1])).gives(False)
    call.observed("dead, long afterwards", list(queue.dead)).gives(["poison"])

    queue, clock = line(submission, "last try", "fine", max_receives=1)
    received = queue.receive()
    clock.now = 129.0
    call.observed(
        "receive() 29 s after the last receive of the first", body_of(queue.receive())
    ).gives("fine")
    call.observed("dead, while the first is being worked on", list(queue.dead)).gives([])
    call.observed("delete() with its receipt", queue.delete(received[0])).gives(True)
    clock.now = 135.0
    call.observed("receive() when its time is over", queue.receive()).gives(None)
    call.observed("dead, after it was deleted", list(queue.dead)).gives([])

    queue, clock = line(submission, "slow", max_receives=1)
    receipt, _ = queue.receive()
    clock.now = 135.0
    label = "delete() after the last timeout, before any further receive()"
    call.observed(label, queue.delete(receipt)).gives(True)
    call.observed("dead, after that", list(queue.dead)).gives([])

    queue, clock = line(submission, "x", "y", "fine", max_receives=1)
    queue.receive(), queue.receive()
    clock.now = 130.0
    label = "receive() where two hopeless ones are in front"
    call.observed(label, body_of(queue.receive())).gives("fine")
    call.observed("dead, after both were met", sorted(queue.dead)).gives(["x", "y"])


# --- charge_once ----------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing in it runs any more, and no except should see it."""


def restarted(submission: ModuleType) -> ModuleType:
    """Run the learner's cell again, as a new process does: what was in memory only is gone."""
    module, file = ModuleType(submission.__name__), str(submission.__file__)
    # the hash of a text is another one in each process
    vars(module)["hash"] = lambda it: hash(it) + id(module) * isinstance(it, str | bytes)
    exec(compile(Path(file).read_text("utf-8"), file, "exec", dont_inherit=True), vars(module))
    return module


class World:
    """The orders and the payment provider, which may kill the caller at its n-th step."""

    def __init__(self, *, kill_at: int | None = None) -> None:
        self.states = {7: "pending", 8: "pending", 9: "paid"}
        self.amounts = {order: 100 * order for order in self.states}
        self.charged: dict[str, int] = {}
        self.calls, self.steps, self.kill_at = 0, 0, kill_at
        self.on_charge: Callable[[], Any] = lambda: None
        self.lost_before = self.lost_after = False

    def step(self) -> None:
        self.steps += 1
        if self.kill_at is not None and self.steps >= self.kill_at:
            raise Killed  # the dead do not clean up either: all that comes later fails, too

    def status(self, order_id: int) -> str:
        self.step()
        return self.states[order_id]

    def amount(self, order_id: int) -> int:
        self.step()
        return self.amounts[order_id]

    def save(self, order_id: int, status: str) -> None:
        self.step()
        self.states[order_id] = status
        self.step()

    def charge(self, key: str, amount: int) -> None:
        self.step()
        self.calls += 1
        act, self.on_charge = self.on_charge, lambda: None
        act()
        if self.lost_before:
            raise ConnectionError("no route to the provider")
        self.charged.setdefault(str(key), amount)
        if self.lost_after:
            raise ConnectionError("the answer was lost")
        self.step()

    @property
    def money(self) -> list[int]:
        return sorted(self.charged.values())


def charges_a_pending_order(submission, call):
    """In good weather: one charge of the right amount, and the order is paid."""
    world = World()
    call.observed("charge(7)", submission.charge(7, world, world)).gives("paid")
    call.observed("amounts charged", world.money).gives([700])
    call.observed("states of the orders", world.states).gives({7: "paid", 8: "pending", 9: "paid"})


def leaves_a_paid_order_alone(submission, call):
    """A delivery after the end does nothing, and does not ask the provider."""
    world = World()
    call.observed("charge(9), which is paid", submission.charge(9, world, world)).gives("paid")
    call.observed("calls of the provider", world.calls).gives(0)


def survives_a_kill_at_any_moment(submission, call):
    """Killed at whatever step, and delivered again: one charge, and paid."""
    for kill_at in range(1, 12):
        world = World(kill_at=kill_at)
        with suppress(Killed):
            submission.charge(7, world, world)
        world.kill_at = None
        outcome(restarted(submission).charge, 7, world, world)
        label = f"killed at step {kill_at} and delivered again"
        call.observed(f"{label}: amounts charged", world.money).gives([700])
        call.observed(f"{label}: status", world.states[7]).gives("paid")
    odd: dict[tuple[int, int], tuple[list[int], str]] = {}
    for first in range(1, 12):
        for second in range(1, 12):
            world = World(kill_at=first)
            outcome(submission.charge, 7, world, world)
            world.kill_at = world.steps + second
            outcome(submission.charge, 7, world, world)
            world.kill_at = None
            outcome(submission.charge, 7, world, world)
            if not odd and (end := (world.money, world.states[7])) != ([700], "paid"):
                odd[first, second] = end
    label = "two kills, at steps (n, m), then a third run: the first not to end as [700], paid"
    call.observed(label, odd).gives({})


def charges_once_when_delivered_twice_at_once(submission, call):
    """A second worker runs the whole task while the first one is talking to the provider."""
    world = World()
    world.on_charge = lambda: restarted(submission).charge(7, world, world)
    with during("charge(7) twice at once"):
        submission.charge(7, world, world)
    call.observed("two workers at once: amounts charged", world.money).gives([700])
    call.observed("two workers at once: status", world.states[7]).gives("paid")


def passes_a_lost_connection_on(submission, call):
    """The queue tries again only if it learns that this try failed."""
    for when in ("before", "after"):
        world = World()
        setattr(world, f"lost_{when}", True)
        got = outcome(submission.charge, 7, world, world)
        call.observed(f"connection lost {when} the charge", got).gives("raises ConnectionError")
        call.observed(
            f"connection lost {when} the charge: is it paid?", world.states[7] == "paid"
        ).gives(False)
        world.lost_before = world.lost_after = False
        outcome(submission.charge, 7, world, world)
        call.observed(f"lost {when}, then delivered again: amounts", world.money).gives([700])
        call.observed(f"lost {when}, then delivered again: status", world.states[7]).gives("paid")


def keeps_orders_apart(submission, call):
    """Two orders are two charges."""
    world = World()
    for order in (7, 8):
        outcome(submission.charge, order, world, world)
    call.observed("orders 7 and 8: amounts charged", world.money).gives([700, 800])
    world = World()
    world.amounts[8] = 700
    for order in (7, 8):
        outcome(submission.charge, order, world, world)
    call.observed("orders 7 and 8, both of 700: amounts charged", world.money).gives([700, 700])


# --- consume --------------------------------------------------------------------------------------


@dataclass
class Message:
    """A message as a broker hands it out."""

    body: str
    deliveries: int = 1


@dataclass
class Broker:
    """A broker that writes down what becomes of each message."""

    waiting: list[Message]
    again: bool = False
    events: list[str] = field(default_factory=list)

    def get(self) -> Message | None:
        return self.waiting.pop(0) if self.waiting else None

    def ack(self, message: Message) -> None:
        self.events.append(f"ack {message.body}")

    def requeue(self, message: Message) -> None:
        self.events.append(f"requeue {message.body}")
        if self.again and message.deliveries < 6:  # and no further, for those who never bury
            self.waiting.append(Message(message.body, message.deliveries + 1))

    def bury(self, message: Message, reason: str) -> None:
        self.events.append(f"bury {message.body}: {reason}")


def consumed(
    submission, *messages: Message, limit: int = 3, again: bool = False
) -> tuple[Any, list[str]]:
    """Run consume() on these; return its result, and the broker's events with the work between."""
    broker = Broker(list(messages), again)
    errors = {"bug": TypeError, "hopeless": submission.Permanent, "stop": SystemExit}
    errors |= {"flaky": ConnectionError, "interrupt": KeyboardInterrupt}
    errors["gone"] = type("NoSuchCustomer", (submission.Permanent,), {})

    def handle(body: str) -> None:
        broker.events.append(f"work {body}")
        if body in errors:
            raise errors[body]

    return outcome(submission.consume, broker, handle, limit), broker.events


def acknowledges_after_the_work(submission, call):
    """Handled messages are acknowledged, each after its work, and counted."""
    got, events = consumed(submission, Message("a"), Message("b"))
    call.observed("what became of the messages a and b", events).gives(
        ["work a", "ack a", "work b", "ack b"]
    )
    call.observed("the number returned", got).gives(2)
    call.observed("the number returned by an empty queue", consumed(submission)[0]).gives(0)
    _, events = consumed(submission, Message("a"), Message("a"))
    call.observed("what became of two equal messages", events).gives(["work a", "ack a"] * 2)
    got, events = consumed(submission, Message("late", 3))
    call.observed("a success at delivery 3, limit 3", events).gives(["work late", "ack late"])
    call.observed("a success at delivery 3, limit 3: the number returned", got).gives(1)


def requeues_a_failure(submission, call):
    """A failure that is neither permanent nor the last one goes back, unacknowledged."""
    for deliveries in (1, 2):
        _, events = consumed(submission, Message("flaky", deliveries))
        call.observed(f"a failure at delivery {deliveries}, limit 3", events).gives(
            ["work flaky", "requeue flaky"]
        )
    _, events = consumed(submission, Message("bug"))
    call.observed("a TypeError at delivery 1, limit 3", events).gives(["work bug", "requeue bug"])
    _, events = consumed(submission, *[Message("bug") for _ in range(3)])
    call.observed("three equal messages, each at delivery 1, limit 3", events).gives(
        ["work bug", "requeue bug"] * 3
    )


def buries_at_the_limit(submission, call):
    """At delivery number limit, or beyond, a failing message is put aside with its reason."""
    for deliveries, limit in ((3, 3), (7, 3), (1, 1)):
        _, events = consumed(submission, Message("bug", deliveries), limit=limit)
        call.observed(f"a failure at delivery {deliveries}, limit {limit}", events).gives(
            ["work bug", "bury bug: TypeError"]
        )
    _, events = consumed(submission, Message("bug"), limit=2, again=True)
    call.observed("a failure that the broker delivers again, limit 2", events).gives(
        ["work bug", "requeue bug", "work bug", "bury bug: TypeError"]
    )
    _, events = consumed(submission, Message("bug"), limit=4, again=True)
    call.observed("a failure that the broker delivers again, limit 4", events).gives(
        [*["work bug", "requeue bug"] * 3, "work bug", "bury bug: TypeError"]
    )


def buries_the_permanent_at_once(submission, call):
    """What can never work is not tried again."""
    for deliveries in (1, 3):
        got, events = consumed(submission, Message("hopeless", deliveries))
        call.observed(f"a Permanent at delivery {deliveries}, limit 3", events).gives(
            ["work hopeless", "bury hopeless: Permanent"]
        )
        call.observed("the number returned", got).gives(0)
    _, events = consumed(submission, Message("gone"))
    call.observed("NoSuchCustomer, a subclass of Permanent, at delivery 1", events).gives(
        ["work gone", "bury gone: NoSuchCustomer"]
    )


def leaves_the_message_when_it_is_stopped(submission, call):
    """A request to stop is no failure of the message."""
    for body, name in (("stop", "SystemExit"), ("interrupt", "KeyboardInterrupt")):
        got, events = consumed(submission, Message(body), Message("next"))
        call.observed(f"{name} during the work", got).gives(f"raises {name}")
        call.observed(f"{name}: what became of the message", events).gives([f"work {body}"])


def goes_on_after_a_failure(submission, call):
    """One broken message does not keep the others waiting."""
    _, events = consumed(submission, Message("hopeless"), Message("flaky"), Message("a"))
    settled = [event for event in events if not event.startswith("work")]
    call.observed("hopeless, flaky and a: how they were settled", settled).gives(
        ["bury hopeless: Permanent", "requeue flaky", "ack a"]
    )


def counts_what_was_handled(submission, call):
    """Only successes count."""
    got, _ = consumed(submission, Message("hopeless"), Message("flaky"), Message("a"))
    call.observed("hopeless, flaky and a: the number returned", got).gives(1)
