"""The checks of chapter 01's exercises: pytest functions that the sandbox runs on a learner's cell.

They compare results, count files, classes and the functions that run, and watch what an import
opens. None depends on the time of day or on how fast the machine is.
"""

from __future__ import annotations

import inspect
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from copy import deepcopy
from datetime import date, timedelta
from numbers import Real
from pathlib import Path
from types import FrameType
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


@contextmanager
def replaced(submission: Any, name: str, value: object) -> Iterator[None]:
    """Put something in the place of a name of the submission, and put that back afterwards."""
    kept = getattr(submission, name)
    setattr(submission, name, value)
    try:
        yield
    finally:
        setattr(submission, name, kept)


@contextmanager
def served(app: Any) -> Iterator[Any]:
    """Start an ASGI application, its lifespan too; give a client that sends to it."""
    from fastapi.testclient import TestClient

    with ExitStack() as stack:
        with during("start of the application"):
            client = stack.enter_context(TestClient(app))
        yield client


def sent(client: Any, method: str, path: str) -> Any:
    """Send a request; give the response."""
    with during(f"{method} {path}"):
        return client.request(method, path)


def functions_run(submission: Any, call: Callable[[], object]) -> dict[str, list[Any]]:
    """Return the functions of the submission that one call runs, each with all it was given."""
    found: dict[str, list[Any]] = {}

    def watch(frame: FrameType, event: str, _: object) -> None:
        code, name = frame.f_code, frame.f_code.co_qualname
        if code.co_name == "<lambda>":
            name = f"the lambda of line {code.co_firstlineno}"
        elif code.co_name.startswith("<"):  # a comprehension
            return
        if event == "call" and code.co_filename == submission.__file__:
            given = inspect.getargvalues(frame)
            several = [*given.locals.get(given.varargs, ())] if given.varargs else []
            several += given.locals.get(given.keywords, {}).values() if given.keywords else []
            found.setdefault(name, []).extend(map(given.locals.get, given.args))
            found[name] += several

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


# --- the rule out of the endpoint -----------------------------------------------------------------

DUE = date(2031, 5, 30)


def charged(submission: Any, call: Any, due: date, today: date, fee: int) -> None:
    """Expect a fee; the label shows both dates."""
    doing = f"late_fee({due!r}, {today!r})".replace("datetime.", "")
    with during(doing):
        got = submission.late_fee(due, today)
    call.observed(doing, got).gives(fee)


def charges_for_each_day(submission, call):
    """50 cents for each day after the due date, whatever day it is today."""
    charged(submission, call, DUE, date(2031, 5, 31), 50)
    charged(submission, call, DUE, date(2031, 6, 6), 350)
    charged(submission, call, date(2020, 2, 28), date(2020, 3, 1), 100)


def charges_nothing_before_the_due_date(submission, call):
    """No fee on the due date, and no negative one before it."""
    charged(submission, call, DUE, DUE, 0)
    charged(submission, call, DUE, date(2031, 5, 20), 0)


def charges_1000_at_most(submission, call):
    """Twenty days cost 1000, and so does a year."""
    for days, fee in [(19, 950), (20, 1000), (21, 1000), (365, 1000)]:
        charged(submission, call, DUE, DUE + timedelta(days), fee)


def the_endpoint_answers_as_before(submission, call):
    """GET /loans/1/late_fee gives the fee of today."""
    for days, fee in [(3, 150), (0, 0), (-2, 0), (400, 1000)]:
        for _ in range(2):  # a second time, should midnight have come in between
            started = date.today()
            submission.DUE[7] = started - timedelta(days)
            with served(submission.app) as client:
                response = sent(client, "GET", "/loans/7/late_fee")
            if date.today() == started:
                break
        doing = f"GET /loans/7/late_fee, due {days} days ago"
        call.observed(f"{doing}: status", response.status_code).gives(200)
        call.observed(f"{doing}: answer", response.json()).gives({"fee": fee})
    submission.DUE.clear()
    try:
        with served(submission.app) as client:
            found = client.get("/loans/7/late_fee").is_success
    except Exception:  # which a server answers with 500
        found = False
    call.observed("GET /loans/7/late_fee, no such loan: success", found).gives(False)
    endpoints = [getattr(route, "endpoint", None) for route in submission.app.routes]
    values = list(vars(submission).items())
    for endpoint in filter(inspect.isfunction, endpoints):
        values += [
            (f"{endpoint.__name__}({each.name}=...)", each.default)
            for each in inspect.signature(endpoint).parameters.values()
        ]
    now = [str(date.today() - timedelta(ago)) for ago in (0, 1)]  # midnight may have passed
    kept = [name for name, value in values if isinstance(value, date) and str(value)[:10] in now]
    label = "names that keep the day on which the service was started"
    call.observed(label, kept).gives([])


def the_rule_stands_once(submission, call):
    """With another rule in the place of late_fee, the endpoint gives the other fee."""
    given = []

    def another_rule(due: date, today: date) -> int:
        given.append([due.isoformat(), today == date.today() or "another day"])
        return fee

    for due, fee in (date(2024, 2, 29), 7777), (date(9999, 1, 1), -5):
        submission.DUE[8] = due
        with replaced(submission, "late_fee", another_rule), served(submission.app) as client:
            response = sent(client, "GET", "/loans/8/late_fee")
        doing = f"GET /loans/8/late_fee, due {due}, while `late_fee` gives {fee}"
        call.observed(f"{doing}: answer", response.json()).gives({"fee": fee})
    call.observed("what `late_fee` was given (due, today's date)", given).gives(
        [["2024-02-29", True], ["9999-01-01", True]]
    )


# --- touched --------------------------------------------------------------------------------------


def touches(call, before: dict[str, str], after: dict[str, str]) -> Any:
    """Call `touched` with copies."""
    return call("touched", dict(before), dict(after))


def counts_changed_lines(call):
    """A changed line is one removed and one added."""
    one, two = {"a.py": "x = 1\ny = 2\n"}, {"a.py": "x = 1\ny = 3\n"}
    touches(call, one, two).gives({"files": 1, "added": 1, "removed": 1})
    more = {"a.py": "x = 1\n\nnew = 0\ny = 2\n"}
    touches(call, one, more).gives({"files": 1, "added": 2, "removed": 0})
    touches(call, more, one).gives({"files": 1, "added": 0, "removed": 2})
    indented = {"a.py": "x = 1\n    y = 2\n"}
    touches(call, one, indented).gives({"files": 1, "added": 1, "removed": 1})
    trailing = {"a.py": "x = 1 \ny = 2\n"}
    touches(call, one, trailing).gives({"files": 1, "added": 1, "removed": 1})
    blank = {"a.py": "\nx = 1\ny = 2\n\n"}
    touches(call, one, blank).gives({"files": 1, "added": 2, "removed": 0})
    upper = {"a.py": "x = 1\nY = 2\n"}
    touches(call, one, upper).gives({"files": 1, "added": 1, "removed": 1})
    three = {"a.py": "x = 1\nz = 5\nw = 6\nv = 7\n"}
    touches(call, one, three).gives({"files": 1, "added": 3, "removed": 1})
    touches(call, three, one).gives({"files": 1, "added": 1, "removed": 3})
    ends = ["x = 1\ny = 2", "x = 1\r\ny = 2\r\n", "x = 1\ry = 2\r", "x = 1\u2028y = 2\n"]
    for same in ends:
        touches(call, one, {"a.py": same}).gives({"files": 1, "added": 0, "removed": 0})


def counts_new_and_removed_files(call):
    """A file that is only on one side counts, with all its lines, and so does an empty one."""
    one, two = {"a.py": "x = 1\n"}, {"a.py": "x = 1\n", "b.py": "y = 2\nz = 3\n"}
    touches(call, one, two).gives({"files": 1, "added": 2, "removed": 0})
    touches(call, two, one).gives({"files": 1, "added": 0, "removed": 2})
    empty = {"a.py": "x = 1\n", "shop/__init__.py": ""}
    touches(call, one, empty).gives({"files": 1, "added": 0, "removed": 0})
    touches(call, {"a.py": "x = 1\n"}, {"b.py": "x = 1\n"}).gives(
        {"files": 2, "added": 1, "removed": 1}
    )


def leaves_out_what_is_the_same(call):
    """Nothing is counted for files that are equal; what was given stays as it is."""
    same = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
    touches(call, same, dict(same)).gives({"files": 0, "added": 0, "removed": 0})
    touches(call, same, {**same, "b.py": "y = 3\n"}).gives({"files": 1, "added": 1, "removed": 1})
    touches(call, {}, {}).gives({"files": 0, "added": 0, "removed": 0})
    before, after = dict(same), {"b.py": "y = 3\n", "c.py": ""}
    call("touched", before, after).gives({"files": 3, "added": 1, "removed": 2})
    call.observed("the same two, when they have been compared", [before, after]).gives(
        [same, {"b.py": "y = 3\n", "c.py": ""}]
    )


def sees_order_and_repetition(call):
    """A second copy of a line is a line more; a line that moves is removed and added."""
    touches(call, {"a": "pass\n"}, {"a": "pass\npass\n"}).gives(
        {"files": 1, "added": 1, "removed": 0}
    )
    touches(call, {"a": "first\nb\nc\nd\n"}, {"a": "b\nc\nd\nfirst\n"}).gives(
        {"files": 1, "added": 1, "removed": 1}
    )


def is_not_misled_by_marks_in_the_text(call):
    """Lines that look like a diff's own marks are lines like any other."""
    one, two = {"a.sql": "-- old\nselect 1;\n"}, {"a.sql": "select 1;\n++ more\n"}
    touches(call, one, two).gives({"files": 1, "added": 1, "removed": 1})
    marks = {"a.md": "+ kept\n- kept\n? kept\n@@ kept\n"}
    touches(call, marks, {"a.md": marks["a.md"] + "last\n"}).gives(
        {"files": 1, "added": 1, "removed": 0}
    )


# --- build or wait --------------------------------------------------------------------------------


def near(call, name: str, expected: float, *given: float) -> None:
    """Expect a number, but for the last digits that rounding moves."""
    outcome = call(name, *given)
    got = outcome.value
    exact = isinstance(got, Real) and abs(float(got) - expected) < 1e-9
    label = f"{name}({', '.join(map(str, given))})"
    call.observed(label, expected if exact else got).gives(expected)


def weighs_certain_against_likely(call):
    """Building now is certain to cost; waiting costs as often as the need comes."""
    call("decide", 0.5, 10, 0, 0, 30).gives("now")
    call("decide", 0.25, 10, 0, 0, 30).gives("wait")
    call("decide", 0.9, 10, 0, 0, 11).gives("wait")
    call("decide", 0.125, 1, 0, 0, 100).gives("now")
    call("decide", 0.34, 10, 0, 0, 30).gives("now")
    call("decide", 0.33, 10, 0, 0, 30).gives("wait")
    call("decide", 0.01, 0, 0, 0, 30).gives("now")
    call("decide", 1, 30, 0, 0, 10).gives("wait")


def counts_what_keeping_costs(call):
    """Each month of keeping it is spent, whether the need comes or not."""
    call("decide", 0.5, 10, 0.5, 8, 30).gives("now")
    call("decide", 0.5, 10, 1, 8, 30).gives("wait")
    call("decide", 0.5, 10, 1, 4, 30).gives("now")


def counts_what_waiting_costs(call):
    """What a delay costs is due with the need, and only then."""
    call("decide", 0.25, 10, 0, 0, 30, 20).gives("now")
    call("decide", 0.25, 10, 0, 0, 30, 8).gives("wait")
    call("decide", 0.75, 10, 0, 0, 0, 20).gives("now")
    call("decide", 0, 10, 0, 0, 30, 500).gives("wait")
    call("decide", 0.25, 10, 0, 0, 30, delay=20).gives("now")
    call("decide", 1, 10, 0, 0, 0).gives("wait")


def waits_when_both_cost_the_same(call):
    """Ten for certain, or half of twenty: wait."""
    call("decide", 0.5, 10, 0, 0, 20).gives("wait")
    call("decide", 0.5, 6, 1, 4, 16, 4).gives("wait")
    call("decide", 1, 0, 0, 0, 0).gives("wait")


def finds_the_break_even(call):
    """The chance at which both cost the same."""
    near(call, "break_even", 0.4, 6, 0.5, 12, 30)
    near(call, "break_even", 0.25, 10, 0, 0, 30, 10)
    near(call, "break_even", 0.0, 0, 0, 12, 30)
    near(call, "break_even", 1.0, 10, 1, 10, 20)
    near(call, "break_even", 0.5, 10, 0, 0, 0, 20)
    near(call, "break_even", 0.6, 0.1, 0.1, 2, 0.5)
    near(call, "break_even", 1 / 3, 10, 0, 0, 30)


def knows_when_there_is_none(call):
    """Where a certain need does not make it worth while, there is no such chance."""
    call("break_even", 10, 1, 11, 20).gives(None)
    call("break_even", 10, 0, 0, 0).gives(None)
    call("break_even", 0, 0, 0, 0, 0).gives(None)


# --- import without effects -----------------------------------------------------------------------

WATCH = """
import json, os, sys
sys.path.insert(0, os.environ["SUBMISSION"])
opened = []
def watch(event, args):
    if event == "sqlite3.connect":
        opened.append("SQLite")
    elif event == "open":
        path, writes = os.path.abspath(str(args[0])), args[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or path.startswith(os.getcwd()):
            opened.append(os.path.basename(path))
BLOCK
import contextlib, io, sqlite3, subprocess
sys.addaudithook(watch)
try:
    import submission
    told = {"error": None}
except Exception as error:
    told = {"error": f"{type(error).__name__}: {error}"}
found = []
if not told["error"]:
    try:
        found = [submission.fee(3, 200)]
    except Exception as error:
        found = [f"{type(error).__name__}: {error}"]
loaded = [name for name in ("fastapi", "starlette") if sys.modules.get(name)]
left = sorted(name for name in os.listdir(".") if not name.startswith("__"))
print("TOLD" + json.dumps({**told, "opened": opened, "loaded": loaded, "left": left, "fee": found}))
"""


def imported(submission: Any, block: str) -> dict[str, Any]:
    """Import the submission in a process and a folder of its own; return what was seen."""
    import os

    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(submission.__file__).parent)
        environment = {**os.environ, "SUBMISSION": place, "RATE": "7"}
        done = subprocess.run(
            [sys.executable, "-B", "-c", WATCH.replace("BLOCK", block)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    told = [line[4:] for line in done.stdout.splitlines() if line.startswith("TOLD")]
    last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
    assert told, f"import in a process of its own: expected an end, got {last}"
    seen: dict[str, Any] = json.loads(told[-1])
    return seen


def the_rule_needs_nothing(call):
    """fee(days, rate) multiplies."""
    call("fee", 3, 200).gives(600)
    call("fee", 0, 200).gives(0)
    call("fee", 7, 150).gives(1050)


def importing_opens_no_file(submission, call):
    """An import connects to no database, opens no file, and leaves none behind."""
    seen = imported(submission, "")
    call.observed("import, error", seen["error"]).gives(None)
    call.observed("import, files and databases that it opened", seen["opened"]).gives([])
    call.observed("import, files that it left in the folder", seen["left"]).gives([])


def importing_needs_no_framework(submission, call):
    """It can be imported, and fee be called, where FastAPI is not installed."""
    absent = ["fastapi", "starlette", "pydantic", "pydantic_core", "anyio", "typing_extensions"]
    blocked = f"for name in {absent}: sys.modules[name] = None"
    seen = imported(submission, blocked)
    call.observed("import where FastAPI is not installed, error", seen["error"]).gives(None)
    label = "fee(3, 200) where FastAPI is not installed, and RATE=7 in the environment"
    call.observed(label, seen["fee"]).gives([600])
    seen = imported(submission, "")
    call.observed("import where FastAPI is installed, what it loaded of it", seen["loaded"]).gives(
        []
    )


def lent(call, client: Any, days: int, expected: dict[str, int], doing: str) -> None:
    """Lend something; expect an answer."""
    response = sent(client, "POST", f"/loans?days={days}")
    call.observed(f"{doing}: status of POST /loans?days={days}", response.status_code).gives(201)
    call.observed(f"{doing}: answer to POST /loans?days={days}", response.json()).gives(expected)


@contextmanager
def made(submission: Any, path: Path, rate: int) -> Iterator[Any]:
    """Make the application and start it; give a client."""
    with during(f"make_app({path.name!r}, {rate})"):
        app = submission.make_app(str(path), rate)
    with served(app) as client:
        yield client


def the_application_lends(submission, call):
    """POST /loans stores a loan in the file at `path` and answers with the fee."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loans.db"
        with made(submission, path, 200) as client:
            lent(call, client, 3, {"id": 1, "fee": 600}, "make_app(path, 200)")
            lent(call, client, 5, {"id": 2, "fee": 1000}, "make_app(path, 200)")
            lent(call, client, 0, {"id": 3, "fee": 0}, "make_app(path, 200)")
            with closing(sqlite3.connect(path)) as db, during("SELECT in the file at path"):
                rows = [list(row) for row in db.execute("SELECT id, days FROM loan ORDER BY id")]
        call.observed("rows in the file at path (id, days)", rows).gives([[1, 3], [2, 5], [3, 0]])


def a_restart_keeps_what_is_there(submission, call):
    """A second application on the same file goes on where the first one was; nothing is lost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loans.db"
        with made(submission, path, 200) as client:
            lent(call, client, 3, {"id": 1, "fee": 600}, "first application")
        with made(submission, path, 100) as client:
            lent(call, client, 3, {"id": 2, "fee": 300}, "second, same file")
            with during("DELETE of loan 1"), closing(sqlite3.connect(path)) as db, db:
                db.execute("DELETE FROM loan WHERE id = 1")
            lent(call, client, 4, {"id": 3, "fee": 400}, "second, when loan 1 was deleted")
        path = Path(folder) / "shop.db"
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("CREATE TABLE item (name TEXT)")
            db.execute("INSERT INTO item VALUES ('Drill')")
        with made(submission, path, 200) as client:
            lent(call, client, 3, {"id": 1, "fee": 600}, "a file that has another table")
        with closing(sqlite3.connect(path)) as db, during("SELECT in the other table"):
            rows = [list(row) for row in db.execute("SELECT name FROM item")]
        call.observed("rows in the other table", rows).gives([["Drill"]])


def two_applications_are_apart(submission, call):
    """Each has its file and its rate."""
    with (
        tempfile.TemporaryDirectory() as folder,
        made(submission, Path(folder) / "one.db", 200) as one,
        made(submission, Path(folder) / "two.db", 50) as two,
    ):
        lent(call, one, 4, {"id": 1, "fee": 800}, "rate 200, one.db")
        lent(call, two, 4, {"id": 1, "fee": 200}, "rate 50, two.db")
        lent(call, one, 1, {"id": 2, "fee": 200}, "rate 200, one.db again")


# --- fewer layers ---------------------------------------------------------------------------------


def stock_of(submission: Any, *items: tuple[str, int]) -> Any:
    with during("make_stock(), then add()"):
        stock = submission.make_stock()
        for name, price in items:
            stock.add(name, price)
    return stock


def add(stock: Any, name: str, price: int, when: str = "") -> Any:
    with during(f"add({name!r}, {price}){when}"):
        return plain(stock.add(name, price))


def find(stock: Any, id: int, among: str = "") -> Any:
    with during(f"find({id}){among}"):
        return plain(stock.find(id))


def plain(value: Any) -> Any:
    """Make a mapping a dictionary, and leave the rest as it is."""
    return dict(value) if isinstance(value, dict) else value


def adds_and_finds(submission, call):
    """Ids count from 1, find() gives what was added or None, total() the sum of the prices."""
    stock = stock_of(submission)
    call.observed("total() of an empty stock", stock.total()).gives(0)
    for id, name, price in [(1, "Drill", 900), (2, "Saw", 250), (3, "Glue", 0)]:
        got = add(stock, name, price)
        item = {"id": id, "name": name, "price": price}
        call.observed(f"add({name!r}, {price})", got).gives(item)
        call.observed(f"find({id})", find(stock, id)).gives(item)
    call.observed("total() of 900, 250 and 0", stock.total()).gives(1150)
    for id in 4, 0, -1:
        among = " among three items"
        call.observed(f"find({id}){among}", find(stock, id, among)).gives(None)


def tidies_names(submission, call):
    """Space around a name goes away, and space within becomes one; one name may be blank."""
    stock = stock_of(submission)
    for name, tidy in [("  Cordless \t\n drill ", "Cordless drill"), ("  ", "")]:
        got = add(stock, name, 900)["name"]
        call.observed(f"add({name!r}, 900): name", got).gives(tidy)


def refuses_what_it_refused(submission, call):
    """A negative price, and a name that is there already, in any case, raise ValueError."""
    stock = stock_of(submission, ("Hand drill", 900), ("", 0))
    taken = ["Hand drill", "hAND DRILL", "  hand drill  ", "hand \t  drill", "", " "]
    for name, price in [("Saw", -1), *((name, 100) for name in taken)]:
        try:
            got = f"{plain(stock.add(name, price))}"
        except Exception as error:
            kind = "ValueError" if isinstance(error, ValueError) else type(error).__name__
            got = f"raises {kind}"
        doing = f"add({name!r}, {price}) when there are 'Hand drill' and ''"
        call.observed(doing, got).gives("raises ValueError")
    call.observed("total() after seven refusals", stock.total()).gives(900)
    when = " after seven refusals"
    call.observed(f"add('Saw', 1){when}: id", add(stock, "Saw", 1, when)["id"]).gives(3)
    when = " when there is a Ma\u00df, which lower() leaves apart"
    got = add(stock_of(submission, ("Ma\u00df", 900)), "MASS", 1, when)
    call.observed(f"add('MASS', 1){when}", got).gives({"id": 2, "name": "MASS", "price": 1})


def hands_out_copies(submission, call):
    """Whoever changes what he was given does not change the stock."""
    stock = stock_of(submission)
    with during("add('Drill', 900) to a new stock, then a change of what it gave"):
        stock.add("Drill", 900)["price"] = 1
    call.observed("total() after a change of what add() gave", stock.total()).gives(900)
    with during("find(1), then a change of what it gave"):
        stock.find(1)["name"] = "Hammer"
    found = find(stock, 1)
    call.observed("find(1) after a change of what find() gave", found).gives(
        {"id": 1, "name": "Drill", "price": 900}
    )


def two_stocks_are_apart(submission, call):
    """What is added to one stock is not in another."""
    stock_of(submission, ("Ladder", 900))
    other = stock_of(submission)
    call.observed("total() of a second, new stock", other.total()).gives(0)
    call.observed(
        "id of its first item", add(other, "Ladder", 5, " to a second, new stock")["id"]
    ).gives(1)


def has_two_classes_at_most(submission, call):
    """Two classes, or fewer."""
    import ast

    tree = ast.parse(Path(submission.__file__).read_text("utf-8"))
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    label = f"classes ({', '.join(names) or 'none'}): two at most"
    call.observed(label, len(names)).gives(min(len(names), 2))


def runs_three_functions_at_most(submission, call):
    """One call of add() runs three functions of the module, or fewer."""
    stock = stock_of(submission, ("Saw", 250))
    with during("add('Drill', 900)"):
        names = list(functions_run(submission, lambda: stock.add("Drill", 900)))
    label = f"functions that add() runs ({', '.join(names)}): three at most"
    call.observed(label, len(names)).gives(min(len(names), 3))


# --- flags into functions -------------------------------------------------------------------------

ORDER = {"id": 7, "lines": [("Drill", 1250), ("Saw", 255)]}
DEAR = {"id": 12, "lines": [("Mixer", 123456)]}
FREE = {"id": 3, "lines": []}
BACK = {"id": 9, "lines": [("Drill", 1000), ("Screws", 0), ("Deposit", -1300)]}
NAIL = {
    "id": 4,
    "lines": [("Nail", 10), ("Nail", 5)],
}  # a sixth is 2.5 cents, which round() makes 2


def reads(call, order: dict[str, Any], text: str, *days: int) -> None:
    """Expect a text of an order, and that the order stays as it is."""
    given, name = deepcopy(order), "reminder" if days else "receipt"
    call(name, given, *days).gives(text)
    call.observed(f"the order after {name}({', '.join(map(repr, (order, *days)))})", given).gives(
        order
    )


def money_writes_an_amount(call):
    """Two digits behind the point, and a minus where there is one."""
    call("money", 1505).gives("15.05")
    call("money", 5).gives("0.05")
    call("money", 0).gives("0.00")
    call("money", 250).gives("2.50")
    call("money", -5).gives("-0.05")
    call("money", -1250).gives("-12.50")


def a_receipt_reads_as_before(call):
    """Title, a line for each item, total, VAT."""
    reads(
        call,
        ORDER,
        "Receipt 7\nDrill: 12.50\nSaw: 2.55\ntotal: 15.05\nVAT included: 2.51",
    )
    reads(call, DEAR, "Receipt 12\nMixer: 1234.56\ntotal: 1234.56\nVAT included: 205.76")
    reads(call, FREE, "Receipt 3\ntotal: 0.00\nVAT included: 0.00")
    reads(call, NAIL, "Receipt 4\nNail: 0.10\nNail: 0.05\ntotal: 0.15\nVAT included: 0.02")
    back = "Drill: 10.00\nScrews: 0.00\nDeposit: -13.00\ntotal: -3.00\nVAT included: -0.50"
    reads(call, BACK, f"Receipt 9\n{back}")


def a_reminder_reads_right(call):
    """Title, total with two digits, the days, be it none or one. A credit can be read, too."""
    reads(call, ORDER, "Reminder 7\ntotal: 15.05\nPlease pay within 5 days.", 5)
    reads(call, DEAR, "Reminder 12\ntotal: 1234.56\nPlease pay within 14 days.", 14)
    reads(call, BACK, "Reminder 9\ntotal: -3.00\nPlease pay within 30 days.", 30)
    reads(call, FREE, "Reminder 3\ntotal: 0.00\nPlease pay within 0 days.", 0)
    reads(call, NAIL, "Reminder 4\ntotal: 0.15\nPlease pay within 1 days.", 1)


def amounts_are_written_in_one_place(submission, call):
    """With another money() in place, each amount of both texts is written by it."""
    told = "while `money(cents)` gives `<cents>`"
    with replaced(submission, "money", lambda cents: f"<{round(cents)}>"):
        with during(f"receipt(order) {told}"):
            receipt = submission.receipt(deepcopy(ORDER))
        with during(f"reminder(order, 5) {told}"):
            reminder = submission.reminder(deepcopy(ORDER), 5)
    call.observed(f"receipt(order) {told}", receipt).gives(
        "Receipt 7\nDrill: <1250>\nSaw: <255>\ntotal: <1505>\nVAT included: <251>"
    )
    call.observed(f"reminder(order, 5) {told}", reminder).gives(
        "Reminder 7\ntotal: <1505>\nPlease pay within 5 days."
    )


def render_is_gone(submission, call):
    """There is nothing of the name render, and two functions with one and two parameters."""
    call.observed("there is a `render`", hasattr(submission, "render")).gives(False)
    for name, count in [("receipt", 1), ("reminder", 2)]:
        found = len(inspect.signature(getattr(submission, name)).parameters)
        call.observed(f"number of parameters of {name}", found).gives(count)


def no_function_is_called_with_a_boolean(submission, call):
    """Neither text is made by a function that gets True or False."""
    for label, make in [
        ("receipt(order)", lambda: submission.receipt(deepcopy(ORDER))),
        ("reminder(order, 5)", lambda: submission.reminder(deepcopy(ORDER), 5)),
    ]:
        with during(label):
            run = functions_run(submission, make)
        names = [name for name, given in run.items() if any(isinstance(g, bool) for g in given)]
        call.observed(f"functions that {label} calls with a boolean", names).gives([])
