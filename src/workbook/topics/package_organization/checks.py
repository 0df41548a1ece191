"""The checks of chapter 03's exercises: pytest functions that the sandbox runs on a learner's cell.

Where an exercise is about a whole package, the cell holds its files as one text; a check writes
them to a folder of its own and imports, runs or draws them there.
"""

from __future__ import annotations

import importlib
import os
import shutil
import smtplib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch


def forget(package: str) -> None:
    """Let the next import of a package run its files."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    importlib.invalidate_caches()


@contextmanager
def on_path(folder: Path, package: str) -> Iterator[None]:
    """Make a package importable, afresh, and forget it at the end."""
    forget(package)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        forget(package)


def written(submission: Any, more: Mapping[str, str] | None = None) -> Path:
    """Write the learner's project to a folder; return it."""
    from workbook.scratch import Project

    text = submission.PROJECT
    told = "PROJECT: expected one text, which begins with a line `# file: shed/__init__.py`"
    assert isinstance(text, str), f"{told}, got {type(text).__name__}"
    try:
        project = Project("exercise", text)
    except ValueError as error:
        raise AssertionError(f"{told}, got one that cannot be read: {error}") from None
    project.write(more or {})
    return project.path


def imported(name: str) -> Any:
    """Import a module of the learner's project, or say what came in the way."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        came = f"{type(error).__name__}: {error}"
        raise AssertionError(f"import {name}: expected no exception, got {came}") from error


# --- layer_violations -----------------------------------------------------------------------------

LAYERS = ["shed.routes", "shed.service", "shed.models"]


def finds_an_import_upwards(submission, call):
    """An import from a lower layer to a higher one is a violation, by one layer or by two."""
    up = ("shed.models.loans", "shed.service.loans")
    call("layer_violations", [up], LAYERS).gives([up])
    far = ("shed.models", "shed.routes.api.v1")
    call("layer_violations", [far], LAYERS).gives([far])
    call("layer_violations", [far, up], ["shed.models", *LAYERS[:2]]).gives([])


def allows_down_and_across(submission, call):
    """Downwards and within one layer everything goes."""
    down = ("shed.routes.loans", "shed.service.loans")
    across = ("shed.service.loans", "shed.service.members")
    call("layer_violations", [down, across], LAYERS).gives([])


def lets_layers_be_skipped(submission, call):
    """The top layer may use the lowest directly."""
    call("layer_violations", [("shed.routes.loans", "shed.models.loans")], LAYERS).gives([])


def ignores_modules_in_no_layer(submission, call):
    """What lies in no layer is free, on either side of an import."""
    free = [
        ("shed.main", "shed.routes"),
        ("shed.models", "shed.clock"),
        ("shed.main", "shed.clock"),
    ]
    free += [("shed.main", "shed.models"), ("shed.clock", "shed.routes"), ("shed.routes", "os")]
    call("layer_violations", free, LAYERS).gives([])


def tells_packages_from_similar_names(submission, call):
    """A package is more than the first letters of a name."""
    similar = ("shed.models.loans", "shed.services.loans")
    call("layer_violations", [similar], LAYERS).gives([])
    other = ("shed.models_old", "shed.service")
    call("layer_violations", [other], LAYERS).gives([])
    for name in ("other.shed.models", "other.shed.models.loans", "shed_models.loans"):
        call("layer_violations", [(name, "shed.routes")], LAYERS).gives([])


def takes_layers_of_any_depth(submission, call):
    """A layer is named by one word or by several, and its modules lie at any depth."""
    layers = ["web", "shed.core.rules", "shed.core.store"]
    up = [("shed.core.rules.loans.late", "web.api.v1"), ("shed.core.store", "shed.core.rules")]
    free = [("shed.core.clock", "web"), ("shed.core", "shed.core.rules")]
    call("layer_violations", [*up, *free], layers).gives(up)


def returns_a_sorted_list(submission, call):
    """Violations come sorted, whatever the order of the imports."""
    found = [("shed.service.b", "shed.routes.a"), ("shed.models.a", "shed.routes.a")]
    call("layer_violations", found, LAYERS).gives(sorted(found))
    found = [("shed.models.a", "shed.service.b"), ("shed.models.a", "shed.routes.c")]
    call("layer_violations", found, LAYERS).gives(sorted(found))
    call("layer_violations", [], LAYERS).gives([])


# --- change_coupling ------------------------------------------------------------------------------


def log_of(*commits: list[str]) -> str:
    """Write a log as git does: a line with the hash, an empty one if files follow, the files."""
    entries = []
    for number, files in enumerate(commits):
        entries.append("\n".join([f"== {number + 0xC0FFEE0:x}", *([""] if files else []), *files]))
    return "\n".join(entries) + "\n"


def coupling(call: Any, log: str, largest: int, expected: list[Any]) -> None:
    """Compare the rows; a named tuple is a tuple as well."""
    rows = call("change_coupling", log, largest).value
    if isinstance(rows, list):
        rows = [tuple(row) if isinstance(row, tuple) else row for row in rows]
    call.observed(f"change_coupling({log!r}, {largest})", rows).gives(expected)


def counts_pairs(submission, call):
    """Pairs that changed together twice or more are listed, others are left out."""
    log = log_of(["a.py", "b.py"], ["a.py", "b.py"], ["b.py", "c.py"])
    rows = [tuple(row[:3]) for row in call("change_coupling", log, 10).value]
    call.observed("pairs and `together` of ab, ab, bc", rows).gives([("a.py", "b.py", 2)])


def counts_commits_with_either(submission, call):
    """`either` counts the commits in which one of the two changed, or both."""
    log = log_of(["a.py", "b.py"], ["a.py", "b.py"], ["b.py", "c.py"], ["a.py"], ["c.py"])
    coupling(call, log, 10, [("a.py", "b.py", 2, 4)])
    log = log_of(["a.py", "b.py"], ["b.py"], ["a.py", "b.py"], ["b.py"], ["a.py", "b.py"])
    coupling(call, log, 10, [("a.py", "b.py", 3, 5)])


def leaves_out_large_commits(submission, call):
    """A commit of more than `largest` files counts neither for `together` nor for `either`."""
    wide = [f"{name}.py" for name in "abcd"]
    log = log_of(["a.py", "b.py"], wide, ["a.py", "b.py"], wide)
    coupling(call, log, 3, [("a.py", "b.py", 2, 2)])
    rows = call("change_coupling", log, 4).value
    call.observed("pairs of the same log with largest=4", len(rows)).gives(6)


def reads_paths_with_spaces(submission, call):
    """A path is a whole line."""
    log = log_of(["docs/how to.md", "a.py"], ["docs/how to.md", "a.py"])
    coupling(call, log, 2, [("a.py", "docs/how to.md", 2, 2)])
    log = log_of(["a == b.md", "c.py"], ["a == b.md", "c.py"])
    coupling(call, log, 2, [("a == b.md", "c.py", 2, 2)])


def lists_each_pair_once(submission, call):
    """The order of the files in a commit does not matter."""
    log = log_of(["z.py", "a.py"], ["a.py", "z.py"])
    coupling(call, log, 10, [("a.py", "z.py", 2, 2)])


def sorts_by_share(submission, call):
    """The strongest coupling comes first, by share, then by number, then by name."""
    log = log_of(
        *[["a.py", "b.py"]] * 3, *[["a.py"]] * 2,  # 3 of 5
        *[["y.py", "z.py"]] * 2,  # 2 of 2
        *[["c.py", "d.py"]] * 2,  # 2 of 2
        *[["e.py", "f.py"]] * 3,  # 3 of 3
    )  # fmt: skip
    expected = [("e.py", "f.py", 3, 3), ("c.py", "d.py", 2, 2), ("y.py", "z.py", 2, 2)]
    told = "change_coupling of the commits 3 x ab, 2 x a, 2 x yz, 2 x cd, 3 x ef"
    rows = [tuple(row) for row in call("change_coupling", log, 10).value]
    call.observed(told, rows).gives([*expected, ("a.py", "b.py", 3, 5)])
    log = log_of(
        *[["c.py", "d.py"]] * 195, *[["c.py"]] * 98,  # 195 of 293, in percent as much as 2 of 3
        *[["a.py", "b.py"]] * 2, ["a.py"],  # 2 of 3
    )  # fmt: skip
    rows = [tuple(row) for row in call("change_coupling", log, 10).value]
    told = "change_coupling of the commits 195 x cd, 98 x c, 2 x ab, 1 x a"
    call.observed(told, rows).gives([("a.py", "b.py", 2, 3), ("c.py", "d.py", 195, 293)])
    log = log_of(*[["k.py", "n.py"], ["k.py", "m.py"]] * 2)
    coupling(call, log, 10, [("k.py", "m.py", 2, 4), ("k.py", "n.py", 2, 4)])


def survives_empty_logs(submission, call):
    """A merge has no files, and a young repository has no commits."""
    coupling(
        call, log_of([], ["a.py", "b.py"], [], ["a.py", "b.py"], []), 9, [("a.py", "b.py", 2, 2)]
    )
    coupling(call, "", 9, [])


# --- lazy_exports ---------------------------------------------------------------------------------

INIT = """
from submission import lazy

__getattr__, __dir__ = lazy(__name__, EXPORTS)
VERSION = "1.0"
"""
EXPORTS = {"Report": "shop.reports", "buy": "shop.orders", "Bill": "shop.bills"}
BROKEN = {"Till": "shop.tills", "Tax": "shop.taxes"}
SHOP = {
    "reports.py": "class Report: ...\n",
    "orders.py": "LIMIT = 3\n\n\ndef buy():\n    return 'bought'\n",
    "bills.py": "import a_library_that_is_not_there\n\nclass Bill: ...\n",
    "tills.py": "DRAWER = {'size': 3}['width']\n\nclass Till: ...\n",
    "taxes.py": "import os\n\nRATE = os.rate\n\nclass Tax: ...\n",
}


@contextmanager
def shop(more: Mapping[str, str] | None = None) -> Iterator[ModuleType]:
    """Write the package whose front is made by the learner's function, and import it."""
    folder = Path.cwd() / "lazy"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "shop").mkdir(parents=True)
    init = INIT.replace("EXPORTS", repr({**EXPORTS, **(more or {})}))
    for name, text in {**SHOP, "__init__.py": init}.items():
        (folder / "shop" / name).write_text(text)
    with on_path(folder, "shop"):
        yield imported("shop")


def loaded() -> list[str]:
    """Return which modules of the shop have been imported."""
    return sorted(name for name in sys.modules if name.startswith("shop."))


def loads_nothing_at_first(submission, call):
    """Importing the package imports none of its modules."""
    with shop() as package:
        call.observed("modules loaded by `import shop`", loaded()).gives([])
        dir(package)
        call.observed("modules loaded by `dir(shop)`", loaded()).gives([])


def loads_what_is_used(submission, call):
    """The first use of a name loads its module, and no other."""
    with shop() as package:
        call.observed("type of shop.buy", type(package.buy).__name__).gives("function")
        call.observed("shop.buy()", package.buy()).gives("bought")
        call.observed("modules loaded by the use of `shop.buy`", loaded()).gives(["shop.orders"])
        scope: dict[str, Any] = {}
        exec("from shop import Report", scope)
        same = scope["Report"] is sys.modules["shop.reports"].Report
        call.observed("`from shop import Report` gives the class of shop.reports", same).gives(True)


def asks_once(submission, call):
    """After the first use the name is in the package's namespace."""
    with shop() as package:
        call.observed("'buy' in vars(shop) before", "buy" in vars(package)).gives(False)
        package.buy()
        call.observed("'buy' in vars(shop) after its use", "buy" in vars(package)).gives(True)
        call.observed("'Report' in vars(shop) then", "Report" in vars(package)).gives(False)


def refuses_unknown_names(submission, call):
    """An unknown name is an AttributeError that says what was not found, and where."""
    with shop() as package:
        told = "AttributeError: module 'shop' has no attribute 'refund'"
        for label in ("shop.refund", "shop.refund, which only another package exports"):
            try:
                got = f"a value, {package.refund!r}"
            except Exception as error:
                got = f"{type(error).__name__}: {error}"
            call.observed(label, got).gives(told)
            submission.lazy(__name__, {"refund": "shop.orders"})
        call.observed("hasattr(shop, 'reports')", hasattr(package, "reports")).gives(False)
        package.buy()
        told = "hasattr(shop, 'LIMIT') after shop.buy(), whose module has a LIMIT too"
        call.observed(told, hasattr(package, "LIMIT")).gives(False)


def lists_its_names(submission, call):
    """dir() shows what can be had, before and after loading."""
    with shop() as package:
        for when in ("before", "after"):
            missing = {"Report", "buy", "Bill", "VERSION", "__name__"} - set(dir(package))
            call.observed(f"missing in dir(shop) {when} loading", sorted(missing)).gives([])
            twice = sorted({name for name in dir(package) if dir(package).count(name) > 1})
            call.observed(f"twice in dir(shop) {when} loading", twice).gives([])
            package.buy()


def passes_errors_on(submission, call):
    """A module that cannot be loaded says why, at each attempt."""
    with shop(BROKEN) as package:
        for attempt in ("first", "second"):
            try:
                got = f"no exception, but {package.Bill!r}"
            except Exception as error:
                got = f"{type(error).__name__}: {error}"
            expected = "ModuleNotFoundError: No module named 'a_library_that_is_not_there'"
            call.observed(f"shop.Bill, {attempt} attempt", got).gives(expected)
        for name, code, expected in [
            ("Till", "{'size': 3}['width']", "KeyError: 'width'"),
            ("Tax", "os.rate", "AttributeError: module 'os' has no attribute 'rate'"),
        ]:
            try:
                got = f"no exception, but {getattr(package, name)!r}"
            except Exception as error:
                got = f"{type(error).__name__}: {error}"
            call.observed(f"shop.{name}, whose module runs {code}", got).gives(expected)


# --- port_for_mail --------------------------------------------------------------------------------

TODAY = date(2026, 11, 20)
SOON, LATE, LATER = date(2026, 11, 21), date(2026, 11, 19), date(2026, 10, 1)


class Box:
    """An outbox of the check's own: the right method, and no common base."""

    def __init__(self, error: Exception | None = None, refused: tuple[str, ...] = ()) -> None:
        self.error, self.refused = error, refused
        self.sent: list[tuple[str, str]] = []

    def send(self, address: str, text: str) -> None:
        if self.error and address in self.refused:
            raise self.error
        self.sent.append((address, text))


@contextmanager
def no_smtp(submission: Any) -> Iterator[None]:
    """There is no mail server, and nobody may look for one."""

    def send(self: Any, address: str, text: str) -> None:
        told = "Reminders(outbox, today).run(...): expected calls of outbox.send() alone"
        raise AssertionError(f"{told}, got a call of SmtpOutbox.send({address!r}, {text!r})")

    with patch.object(submission.SmtpOutbox, "send", send):
        yield


def run(submission: Any, box: Any, loans: list[Any], today: Any = lambda: TODAY) -> Any:
    """Send reminders by an outbox."""
    with no_smtp(submission):
        return submission.Reminders(box, today).run(loans)


def sent(submission: Any, loans: list[Any]) -> list[tuple[str, str]]:
    """Return what one run sends."""
    box = Box()
    run(submission, box, loans)
    return box.sent


def reminds_who_is_overdue(submission, call):
    """A loan is overdue from the day after its due date."""
    loans = [("ada@x", "drill", LATE), ("bob@x", "saw", SOON), ("cy@x", "axe", TODAY)]
    told = sent(submission, loans)
    call.observed("sent for due dates of yesterday, tomorrow and today", told).gives(
        [("ada@x", "Overdue: drill")]
    )
    call.observed("sent for no loans", sent(submission, [])).gives([])


def sends_one_message_to_each(submission, call):
    """Each address gets one message, which lists its tools."""
    loans = [("bob@x", "saw", LATE), ("ada@x", "drill", LATER), ("bob@x", "axe", LATER)]
    told = sent(submission, [*loans, ("bob@x", "rope", SOON)])
    call.observed("sent for bob's saw, ada's drill, bob's axe", told).gives(
        [("bob@x", "Overdue: saw, axe"), ("ada@x", "Overdue: drill")]
    )
    tools = ["saw", "axe", "rope", "drill", "jack", "hoe"]
    told = sent(submission, [("bob@x", tool, LATE) for tool in tools])
    call.observed("sent for six tools of bob's", told).gives(
        [("bob@x", "Overdue: saw, axe, rope, drill, jack, hoe")]
    )


def asks_the_clock_once(submission, call):
    """A run that lasts past midnight has one date."""
    for loans in ([], [("ada@x", "drill", LATE), ("bob@x", "saw", LATE), ("cy@x", "axe", SOON)]):
        asked: list[int] = []

        def today(asked: list[int] = asked) -> date:
            asked.append(1)
            return TODAY

        run(submission, Box(), loans, today)
        most = "at most once" if len(asked) <= 1 else f"{len(asked)} times"
        call.observed(f"today() in a run over {len(loans)} loans", most).gives("at most once")


def goes_on_after_a_failure(submission, call):
    """One address that cannot be reached keeps nobody else from mail, whatever the OSError."""
    loans = [(f"{name}@x", "drill", LATE) for name in ("ada", "bob", "cy")]
    for kind in (ConnectionRefusedError, TimeoutError, OSError, smtplib.SMTPServerDisconnected):
        box = Box(kind("no"), ("ada@x", "cy@x"))
        try:
            failed = run(submission, box, loans)
        except OSError as error:
            failed = f"it raises {type(error).__name__}"
        label = f"send() to ada and cy raises {kind.__name__}"
        call.observed(f"{label}: sent", box.sent).gives([("bob@x", "Overdue: drill")])
        call.observed(f"{label}: run() returns", failed).gives(["ada@x", "cy@x"])
    all_well = run(submission, Box(), loans)
    call.observed("run() returns, when all went well", all_well).gives([])


def begins_each_run_anew(submission, call):
    """A second run of the same object knows nothing of the first, and has a date of its own."""
    days = [TODAY]
    box = Box(ConnectionRefusedError("no"), ("cy@x",))
    first = [("cy@x", "axe", LATE), ("ada@x", "drill", LATE), ("bob@x", "saw", SOON)]
    with no_smtp(submission):
        made = submission.Reminders(box, lambda: days[0])
        failed = [list(made.run(first))]
        days[0] = date(2026, 11, 22)
        failed.append(list(made.run(first[2:])))
    call.observed("sent by two runs, the second one after bob's due date", box.sent).gives(
        [("ada@x", "Overdue: drill"), ("bob@x", "Overdue: saw")]
    )
    told = "the two runs return, where cy cannot be reached in the first"
    call.observed(told, failed).gives([["cy@x"], []])


def passes_other_errors_on(submission, call):
    """Only an OSError means that an address cannot be reached."""
    box = Box(TypeError("a fault in the program"), ("ada@x",))
    try:
        run(submission, box, [("ada@x", "drill", LATE)])
        got = "no exception"
    except TypeError:
        got = "TypeError"
    call.observed("send() raises TypeError: run() raises", got).gives("TypeError")


def has_a_fake_for_tests(submission, call):
    """The fake keeps what was sent and refuses whom it is told to."""
    one, two = submission.FakeOutbox(), submission.FakeOutbox(unreachable=["bob@x"])
    failed = []
    for box in (one, two):
        loans = [("ada@x", "drill", LATE), ("bob@x", "saw", LATE)]
        failed.append(run(submission, box, loans))
    both = [("ada@x", "Overdue: drill"), ("bob@x", "Overdue: saw")]
    call.observed("FakeOutbox().sent", [tuple(each) for each in one.sent]).gives(both)
    kept = [tuple(each) for each in two.sent]
    call.observed("FakeOutbox(unreachable=['bob@x']).sent", kept).gives(both[:1])
    call.observed("run() returns with either fake", failed).gives([[], ["bob@x"]])
    try:
        two.send("bob@x", "hello")
        got = "no exception"
    except OSError:
        got = "OSError"
    call.observed("FakeOutbox(unreachable=['bob@x']).send('bob@x', ...)", got).gives("OSError")


def names_its_port(submission, call):
    """The port is a protocol, so that an outbox needs no base class."""
    port = submission.Outbox
    call.observed("Outbox is a Protocol", getattr(port, "_is_protocol", False)).gives(True)
    named = hasattr(port, "send") or "send" in getattr(port, "__annotations__", {})
    call.observed("Outbox has send", named).gives(True)


def is_put_together_by_build(submission, call):
    """The composition root chooses SMTP and the real date; the rule itself chooses nothing."""
    told: list[Any] = []
    asked: list[date] = []

    class Day(date):
        @classmethod
        def today(cls) -> Any:
            asked.append(real)
            return real

    real = Day.fromordinal(date.today().toordinal())
    loans = [("ada@x", "drill", real - timedelta(2)), ("bob@x", "saw", real + timedelta(2))]

    def send(self: Any, address: str, text: str) -> None:
        told.append((self.host, address, text))

    with (
        patch.object(submission, "date", Day, create=True),
        patch.object(submission.SmtpOutbox, "send", send),
    ):
        made = submission.build("mail.test")
        early = len(asked)
        failed = made.run(loans)
    call.observed("sent by build('mail.test'), as (host, address, text)", told).gives(
        [("mail.test", "ada@x", "Overdue: drill")]
    )
    call.observed("run() returns", failed).gives([])
    fixed = early > 0 and len(asked) == early
    call.observed("the date is fixed by build(), and run() does not ask for it", fixed).gives(False)
    with patch.object(smtplib, "SMTP", side_effect=ConnectionRefusedError("no")):
        failed = submission.build("mail.test").run(loans)
    call.observed("run() returns, when the mail server is away", failed).gives(["ada@x"])


# --- cut_the_cycle --------------------------------------------------------------------------------


@contextmanager
def shed(submission: Any, door: str = "shed.main") -> Iterator[Any]:
    """Import the learner's package by one door; give its modules."""
    with on_path(written(submission), "shed"):
        imported(door)
        yield sys.modules


def parts(modules: Any) -> tuple[Any, Any]:
    """Return the modules members and loans, or say which is missing."""
    for name in ("shed.members", "shed.loans"):
        known = sorted(each for each in modules if each.partition(".")[0] == "shed")
        assert name in modules, f"import shed.main: expected it to load {name}, got {known}"
    return modules["shed.members"], modules["shed.loans"]


def still_refuses_strangers(submission, call):
    """Only an active member may borrow."""
    with shed(submission) as modules:
        members, loans = parts(modules)
        members.join("ada")
        loans.lend("ada", "drill")
        call.observed("LOANS after ada borrowed a drill", list(loans.LOANS)).gives(
            [("ada", "drill")]
        )
        members.leave("ada")
        for name in ("ada", "bob"):
            try:
                loans.lend(name, "saw")
                got = "no exception"
            except PermissionError:
                got = "PermissionError"
            who = "who has left" if name == "ada" else "who never joined"
            call.observed(f"lend({name!r}, 'saw'), {who}", got).gives("PermissionError")


def still_ends_loans(submission, call):
    """Who leaves has no loans any more, and others keep theirs."""
    with shed(submission) as modules:
        members, loans = parts(modules)
        for name in ("ada", "bob"):
            members.join(name)
            loans.lend(name, "drill")
        members.leave("ada")
        call.observed("LOANS after ada left", list(loans.LOANS)).gives([("bob", "drill")])
        state = [members.is_active("ada"), members.is_active("bob")]
        call.observed("is_active of ada, who left, and bob", state).gives([False, True])


def has_no_cycle(submission, call):
    """No two modules depend on each other, however indirectly and wherever the import stands."""
    import grimp

    with on_path(written(submission), "shed"):
        graph = grimp.build_graph("shed", cache_dir=None)
    up = {module: graph.find_upstream_modules(module) for module in sorted(graph.modules)}
    cycles = [f"{a} and {b}" for a, b in permutations(up, 2) if a < b and b in up[a] and a in up[b]]
    call.observed("modules that depend on each other", cycles).gives([])
    seen = sorted(up.get("shed.members", {"shed.members is missing"}))
    call.observed("members depends on loans", "shed.loans" in seen).gives(False)
    for name in ("shed.members", "shed.loans"):
        call.observed(f"there is a module {name}", name in up).gives(True)
    with shed(submission) as modules:
        members, loans = parts(modules)
        held = sorted(name for name, value in vars(members).items() if value is loans)
        told = "after import shed.main, names in members that stand for the module loans"
        call.observed(told, held).gives([])


def works_without_loans(submission, call):
    """Members can be imported and used where no loans exist."""
    with shed(submission, "shed.members") as modules:
        members = modules["shed.members"]
        members.join("ada")
        active = members.is_active("ada")
        members.leave("ada")
        call.observed("is_active('ada') before and after leave, without loans",
                      [active, members.is_active("ada")]).gives([True, False])  # fmt: skip
        call.observed("shed.loans was imported", "shed.loans" in modules).gives(False)
        asked: list[str] = []

        class Loans(ModuleType):
            def __getattribute__(self, name: str) -> Any:
                if not name.startswith("__"):
                    asked.append(name)
                return super().__getattribute__(name)

            def end_loans(self, name: str) -> None:
                pass

        modules["shed.loans"] = modules["shed"].loans = Loans("shed.loans")
        members.join("bob")
        members.leave("bob")
        told = "what leave() asks a module shed.loans for that somebody else has loaded"
        call.observed(told, asked).gives([])


def calls_every_callback(submission, call):
    """Any number of callbacks, each called once whenever somebody leaves, with the name."""
    with shed(submission) as modules:
        members, loans = parts(modules)
        told: list[str] = []

        def first(name: str) -> bool:
            told.append(f"first {name}")
            return True

        members.on_leave(first)
        members.on_leave(lambda name: told.append(f"second {name}"))
        members.join("ada")
        loans.lend("ada", "drill")
        call.observed("callbacks called before anybody left", sorted(told)).gives([])
        members.leave("ada")
        call.observed("callbacks called by leave('ada')", sorted(told)).gives(
            ["first ada", "second ada"]
        )
        call.observed("LOANS then", list(loans.LOANS)).gives([])
        members.join("bob")
        members.leave("bob")
        call.observed("callbacks called by both leaves", len(told)).gives(4)


def leaves_last(submission, call):
    """If a callback fails, leave() fails, and the member is a member still."""
    with shed(submission) as modules:
        members, _ = parts(modules)

        active: list[bool] = []

        def refuse(name: str) -> None:
            active.append(members.is_active(name))
            raise OSError("the mail server is away")

        members.join("ada")
        members.on_leave(refuse)
        try:
            members.leave("ada")
            got = "no exception"
        except Exception:
            got = "an exception"
        call.observed("a callback raises OSError: leave('ada') raises", got).gives("an exception")
        call.observed("is_active('ada') then", members.is_active("ada")).gives(True)
        call.observed("is_active('ada') while the callback runs", active).gives([True])


# --- one_registry ---------------------------------------------------------------------------------

WEEKLY = "from shed.jobs import job\n\n\n@job\ndef bill():\n    return '7 bills'\n"
STOCK = "from shed.jobs import job\n\n\n@job\ndef count():\n    return 0\n"
MORE = {"shed/tasks/weekly.py": WEEKLY}
AUDIT = "from shed.jobs import job\n\n\n@job\ndef audit():\n    return {'paid': 7}['owed']\n"
#: Run a module as ``python -m`` does, and count how often each file of the project is executed.
COUNTED = """
import collections, os, runpy, sys
runs = collections.Counter()
def hook(event, arguments):
    if event == "exec" and getattr(arguments[0], "co_name", "") == "<module>":
        name = os.path.relpath(arguments[0].co_filename).replace(os.sep, "/")
        if name.startswith("shed/"):
            runs[name] += 1
door = sys.argv[1]
sys.path.insert(0, os.getcwd())
sys.addaudithook(hook)
sys.argv = ["shed", "remind"]
try:
    runpy.run_module(door, run_name="__main__", alter_sys=True)
finally:
    print("runs", sorted(name for name, count in runs.items() if count > 1))
    print("ran", sorted(runs))
"""


def ran(folder: Path, *words: str, cwd: Path | None = None) -> tuple[int, str, str]:
    """Run Python in the project, or elsewhere; return exit code, output and errors."""
    env = {**os.environ, "PYTHONPATH": str(folder)} if cwd else None
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=cwd or folder, env=env, capture_output=True, text=True, timeout=15,
    )  # fmt: skip
    errors = ended.stderr.replace(sys.executable, "python").replace(str(folder), "...")
    return ended.returncode, ended.stdout.strip(), errors.strip()


def told(ended: tuple[int, str, str]) -> str:
    """Say how a run ended, in one line."""
    code, out, err = ended
    return out if code == 0 else f"exit code {code}: {err.rpartition(chr(10))[2]}"


def runs_a_job(submission, call):
    """python -m shed remind prints what the job returns."""
    folder = written(submission)
    call.observed("python -m shed remind", told(ran(folder, "-m", "shed", "remind"))).gives(
        "3 reminders sent"
    )
    folder = written(submission, {"shed/tasks/stock.py": STOCK})
    label = "python -m shed count, a job that returns 0"
    call.observed(label, told(ran(folder, "-m", "shed", "count"))).gives("0")


def finds_added_tasks(submission, call):
    """A module that is put into shed/tasks is found."""
    folder = written(submission, MORE)
    for name, printed in (("bill", "7 bills"), ("remind", "3 reminders sent")):
        label = f"python -m shed {name}, with a file shed/tasks/weekly.py added"
        call.observed(label, told(ran(folder, "-m", "shed", name))).gives(printed)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    label = "python -m shed bill, from another working folder, with the project on PYTHONPATH"
    seen = told(ran(folder, "-m", "shed", "bill", cwd=elsewhere))
    call.observed(label, seen).gives("7 bills")


def lists_jobs_when_the_name_is_unknown(submission, call):
    """An unknown name gets the list of jobs and exit code 2."""
    folder = written(submission, MORE)
    for words in (["dance"], []):
        code, out, err = ran(folder, "-m", "shed", *words)
        label = " ".join(["python -m shed", *words])
        call.observed(f"{label}: exit code", code).gives(2)
        call.observed(f"{label}: standard error", err.splitlines()).gives(["bill", "remind"])
        call.observed(f"{label}: standard output", out).gives("")


def keeps_the_list_for_unknown_names(submission, call):
    """A known job that fails by a KeyError is not an unknown one."""
    folder = written(submission, {"shed/tasks/audit.py": AUDIT})
    _, _, err = ran(folder, "-m", "shed", "audit")
    listed = "the list of jobs" if err.splitlines() == ["audit", "remind"] else "its error"
    label = "python -m shed audit, a job that ends with KeyError: 'owed'"
    call.observed(f"{label}: standard error is", listed).gives("its error")


def runs_no_file_twice(submission, call):
    """Each file of the package is executed once in a process."""
    folder = written(submission, MORE)
    _, out, err = ran(folder, "-c", COUNTED, "shed")
    lines = dict(
        line.split(" ", 1) for line in out.splitlines() if line.startswith(("runs ", "ran "))
    )
    assert lines, f"python -m shed remind: expected it to run, got {err.rpartition(chr(10))[2]}"
    seen = "shed/tasks/nightly.py" in lines["ran"] and "shed/jobs.py" in lines["ran"]
    call.observed("jobs.py and tasks/nightly.py are run", seen).gives(True)
    call.observed("files run more than once", lines["runs"]).gives("[]")
    _, out, _ = ran(folder, "-c", COUNTED, "shed.jobs")
    twice = [line.removeprefix("runs ") for line in out.splitlines() if line.startswith("runs ")]
    call.observed("python -m shed.jobs remind: files run more than once", twice).gives(["[]"])


def loads_no_tasks_by_itself(submission, call):
    """Importing the registry loads nothing that registers."""
    code = "import sys, shed.jobs; print([n for n in sys.modules if n.startswith('shed.tasks.')])"
    seen = told(ran(written(submission), "-c", code))
    call.observed("tasks loaded by `import shed.jobs`", seen).gives("[]")


def keeps_the_registry(submission, call):
    """JOBS, job and run are in shed.jobs, and a test can register a job of its own."""
    with on_path(written(submission), "shed"):
        jobs = imported("shed.jobs")

        def sweep() -> str:
            return "swept"

        same = jobs.job(sweep) is sweep
        call.observed("job(f) is f", same).gives(True)
        call.observed("JOBS then holds", sorted(jobs.JOBS)).gives(["sweep"])
        call.observed("run('sweep')", jobs.run("sweep")).gives("swept")
        imported("shed.tasks.nightly")
        call.observed("JOBS after import shed.tasks.nightly", sorted(jobs.JOBS)).gives(
            ["remind", "sweep"]
        )
