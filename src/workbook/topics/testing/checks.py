"""The checks of chapter 09's exercises: pytest functions that the sandbox runs on a learner's cell.

Where the answer is a test suite or a fixture, a real pytest runs it in a small project, once, on
implementations that are right and on some that are not; the checks look at what was noticed.
Waiting is by events, with limits far from what a right answer needs.
"""

from __future__ import annotations

import asyncio
import json
import random
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any
from unittest import mock

import sqlalchemy as sa

from workbook import scratch
from workbook.processes import ProcessFailed

#: An ``await`` that is missing leaves a coroutine behind. The checks say what is wrong, and where.
warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)

#: How each test ended, and on which implementation: a line of JSON each, in the file `told`.
REPORT = """
import json, pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    given = getattr(item, "callspec", None) and item.callspec.params.get(GIVEN)
    if report.when == "call" or report.failed:
        ends = "passed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        name = item.nodeid.partition("::")[2]
        line = json.dumps([name, given, ends, str(report.longrepr)[-2000:]])
        with open("told", "a") as file:
            print(line, file=file)
    return report
"""

Told = list[tuple[str, Any, str, str]]


def run_tests(
    name: str, files: dict[str, str], *, given: str = "", seconds: float = 120, **env: str
) -> Told:
    """Run a project's tests with pytest; return name, implementation, outcome and text of each."""
    report = REPORT.replace("GIVEN", repr(given))
    files = {**files, "conftest.py": report + dedent(files.get("conftest.py", ""))}
    files["pytest.ini"] = "[pytest]\n"  # or pytest takes one from a folder above
    project = scratch.Project(name, files)
    command = "python -m pytest -q --tb=short -p no:cacheprovider"
    outcome = project.run(command, env=env, seconds=seconds)
    told = project.path / "told"
    if not told.exists():
        raise AssertionError(f"pytest, on your cell: expected tests to run, got {outcome.output}")
    return [tuple(json.loads(line)) for line in told.read_text("utf-8").splitlines()]


def source_of(submission: ModuleType) -> str:
    """Return the text of the learner's cell."""
    return Path(submission.__file__ or "").read_text("utf-8")


@cache
def on_each(source: str, fixture: str, implementations: str, names: str) -> dict[str, list[str]]:
    """Run a suite on implementations; return, for each, the texts of the tests that failed."""
    listed = names.split()
    conftest = f"""
import implementations
from hypothesis import HealthCheck, Phase, settings
settings.register_profile(
    "check",
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)
settings.load_profile("check")

@pytest.fixture(scope="session", params={listed!r})
def {fixture}(request):
    return getattr(implementations, request.param)
"""
    files = {"implementations.py": dedent(implementations), "test_submission.py": source}
    told = run_tests("suite", {**files, "conftest.py": conftest}, given=fixture)
    ran: dict[str, list[str]] = {name: [] for name in listed}
    seen = set()
    for test, given, outcome, text in told:
        seen |= {given} - {None}
        for name in [given] if given else listed:
            ran[name] += [f"{test}: {text}"] * (outcome != "passed")
    assert seen == set(listed), (
        f"your tests: expected one at least that takes the fixture `{fixture}`, got none"
    )
    return ran


def first_reason(text: str) -> str:
    """Return the first line in which pytest says what was wrong."""
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return lines[0] if lines else text.strip().rpartition("\n")[2]


def passes_on(call: Any, failed: dict[str, list[str]], what: dict[str, str]) -> None:
    """Require that no test fails on these implementations."""
    for name, description in what.items():
        why = [first_reason(text) for text in failed[name]]
        told = f"{description}: number of your tests that fail" + (f" ({why[0]})" if why else "")
        call.observed(told, len(why)).gives(0)


def notices(call: Any, failed: dict[str, list[str]], what: dict[str, str]) -> None:
    """Require that a test fails on each of these implementations."""
    for name, description in what.items():
        ends = "one fails" if failed[name] else "all pass"
        call.observed(f"{description}: of your tests", ends).gives("one fails")


# --- shipping_tests -------------------------------------------------------------------------------

SHIPPING = """
def right(cents, express=False):
    if cents < 0:
        raise ValueError("negative")
    return (490 if cents < 5000 else 0) + (900 if express else 0)

def right_too(cents, express=False):
    if not cents >= 0:
        raise ValueError
    price = {False: 0, True: 900}[express]
    if cents <= 4999:
        price += 490
    return price

def dearer(cents, express=False):
    return right(cents, express) + 1 if 0 <= cents < 5000 and not express else right(cents, express)

def never_free(cents, express=False):
    right(cents)
    return 490 + (900 if express else 0)

def always_free(cents, express=False):
    right(cents)
    return 900 if express else 0

def above(cents, express=False):
    return right(4999) if cents == 5000 and not express else right(cents, express)

def below(cents, express=False):
    return right(5000) if cents == 4999 and not express else right(cents, express)

def express_ignored(cents, express=False):
    return right(cents)

def express_replaces(cents, express=False):
    return right(cents) if not express else right(cents) and 900 or 900

def express_free_from_50(cents, express=False):
    return 0 if cents >= 5000 else right(cents, express)

def accepts_negative(cents, express=False):
    return right(abs(cents), express)

def accepts_minus_one(cents, express=False):
    return right(max(cents, 0) if cents == -1 else cents, express)

def refuses_nothing_to_pay(cents, express=False):
    if cents == 0:
        raise ValueError("nothing in it")
    return right(cents, express)

def refuses_with_none(cents, express=False):
    return None if cents < 0 else right(cents, express)

def refuses_otherwise(cents, express=False):
    assert cents >= 0, "negative"
    return right(cents, express)
"""
SHIPPING_NAMES = """right right_too dearer never_free always_free above below express_ignored
express_replaces express_free_from_50 accepts_negative accepts_minus_one refuses_nothing_to_pay
refuses_with_none refuses_otherwise"""


def shipping(submission: ModuleType) -> dict[str, list[str]]:
    return on_each(source_of(submission), "shipping", SHIPPING, SHIPPING_NAMES)


def passes_on_right_implementations(submission, call):
    """Two functions, written differently, that keep every rule."""
    what = {"right": "a right shipping()", "right_too": "another right shipping()"}
    passes_on(call, shipping(submission), what)


def notices_wrong_prices(submission, call):
    """The price below 50.00, and nothing from there on."""
    what = {
        "dearer": "a shipping() of 491 below 50.00",
        "never_free": "a shipping() that is never free",
        "always_free": "a shipping() that is free for small orders too",
    }
    notices(call, shipping(submission), what)


def notices_a_moved_limit(submission, call):
    """50.00 itself is free, and 49.99 is not."""
    what = {
        "above": "a shipping() that is free above 50.00, and not at 50.00",
        "below": "a shipping() that is free from 49.99",
    }
    notices(call, shipping(submission), what)


def notices_wrong_express(submission, call):
    """Express adds 900, to 490 as well as to nothing."""
    what = {
        "express_ignored": "a shipping() that ignores express",
        "express_replaces": "a shipping() where express costs 900 in all, also below 50.00",
        "express_free_from_50": "a shipping() where express is free from 50.00",
    }
    notices(call, shipping(submission), what)


def notices_wrong_refusals(submission, call):
    """A negative order is refused with ValueError, an order worth 0 is not refused."""
    what = {
        "accepts_negative": "a shipping() that accepts -1",
        "accepts_minus_one": "a shipping() that accepts -1, and refuses -2",
        "refuses_with_none": "a shipping() that gives None for -1",
        "refuses_otherwise": "a shipping() that raises AssertionError for -1",
        "refuses_nothing_to_pay": "a shipping() that refuses 0",
    }
    notices(call, shipping(submission), what)


# --- eventually -----------------------------------------------------------------------------------


class Clock:
    """A clock that only `sleep` moves; it notes each sleep, and when the condition was asked."""

    def __init__(self, answers: dict[float, Any], late: float = 0, takes: float = 0) -> None:
        self.now, self.slept, self.late, self.takes = 1000.0, list[float](), late, takes
        self.asked = list[float]()
        self.answers = answers

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert len(self.slept) < 200, "sleep(): expected fewer than 200 pauses, got more"
        self.slept.append(float(seconds))
        self.now += seconds + self.late

    def condition(self) -> Any:
        assert len(self.asked) < 200, "condition(): expected fewer than 200 questions, got more"
        self.asked.append(self.now - 1000.0)
        found = [value for at, value in self.answers.items() if at <= self.now - 1000.0]
        self.now += self.takes
        if found and isinstance(found[-1], Exception):
            raise found[-1]
        return found[-1] if found else None


def forbidden(name: str) -> Any:
    """Return a replacement for a sleep that takes real time."""

    def sleep(*_: Any, **__: Any) -> None:
        raise AssertionError(f"eventually(...): expected to wait by `await sleep(...)`, got {name}")

    return mock.patch(name, sleep)


def waited(
    submission: ModuleType,
    clock: Clock,
    *,
    coroutine: bool = False,
    usual: bool = False,
    pause: float = 3,
) -> str:
    """Wait 10 s at most, in pauses of 3 s (or as usual); return what came, as text."""
    limits = {} if usual else {"seconds": 10, "pause": pause}
    turn = asyncio.sleep

    async def condition() -> Any:
        await turn(0)
        return clock.condition()

    async def wait() -> Any:
        asked = condition if coroutine else clock.condition
        waiting = submission.eventually(asked, clock=clock, sleep=clock.sleep, **limits)
        return await asyncio.wait_for(waiting, 5)

    began = clock.now
    try:
        with forbidden("asyncio.sleep"), forbidden("time.sleep"):
            value = asyncio.run(wait())
    except Exception as error:
        if isinstance(error, AssertionError) and error not in clock.answers.values():
            raise
        told = "TimeoutError" if isinstance(error, TimeoutError) else type(error).__name__
        return f"raises {told}"
    assert clock.now >= began
    return repr(value)


TEN = "eventually(condition, seconds=10, pause=3)"


def returns_at_once_what_is_true(submission, call):
    """A condition that holds from the beginning costs no pause, and its value comes back."""
    clock = Clock({0: ["row"]})
    call.observed(f"{TEN}, true at once: returns", waited(submission, clock)).gives("['row']")
    call.observed(f"{TEN}, true at once: pauses", clock.slept).gives([])
    call.observed(f"{TEN}, true at once: asked at", clock.asked).gives([0.0])


def asks_again_after_each_pause(submission, call):
    """What becomes true after 5 s is found at 6 s."""
    clock = Clock({0: 0, 2: [], 5: "sent"})
    call.observed(f"{TEN}, true after 5 s: returns", waited(submission, clock)).gives("'sent'")
    call.observed(f"{TEN}, true after 5 s: asked at", clock.asked).gives([0.0, 3.0, 6.0])


def awaits_a_coroutine_function(submission, call):
    """The result of a coroutine function counts, not the coroutine, which is always true."""
    clock = Clock({5: "sent"})
    came = waited(submission, clock, coroutine=True)
    call.observed(f"{TEN} with a coroutine function, true after 5 s: returns", came).gives("'sent'")
    call.observed(f"{TEN} with a coroutine function: asked at", clock.asked).gives([0.0, 3.0, 6.0])
    came = waited(submission, Clock({}), coroutine=True)
    label = f"{TEN} with a coroutine function, never true"
    call.observed(label, came).gives("raises TimeoutError")


def gives_up_in_time(submission, call):
    """Nothing comes; after 10 s it raises, and the pauses are 10 s together."""
    clock = Clock({})
    call.observed(f"{TEN}, never true", waited(submission, clock)).gives("raises TimeoutError")
    call.observed(f"{TEN}, never true: pauses", sum(clock.slept)).gives(10.0)
    clock = Clock({})
    waited(submission, clock, usual=True)
    told = "eventually(condition), never true: the first pause, and all pauses together"
    call.observed(told, (clock.slept[:1], round(sum(clock.slept), 6))).gives(([0.05], 5.0))
    clock = Clock({}, late=1)
    waited(submission, clock, pause=8)
    told = (
        "eventually(condition, seconds=10, pause=8), where sleep(...) takes 1 s longer, never true"
    )
    call.observed(f"{told}: pauses", clock.slept).gives([8.0, 1.0])


def looks_once_more_at_the_deadline(submission, call):
    """What becomes true after 9.5 s is found at 10 s."""
    clock = Clock({9.5: "late"})
    call.observed(f"{TEN}, true after 9.5 s: returns", waited(submission, clock)).gives("'late'")
    asked = clock.asked
    call.observed(f"{TEN}, true after 9.5 s: asked at", asked).gives([0.0, 3.0, 6.0, 9.0, 10.0])
    clock = Clock({}, takes=1)
    waited(submission, clock, pause=20)
    told = "eventually(condition, seconds=10, pause=20), where condition() takes 1 s, never true"
    call.observed(f"{told}: asked at", clock.asked).gives([0.0, 10.0])


def lets_exceptions_through(submission, call):
    """A condition that raises has a fault of its own, and more waiting does not cure it."""
    for error in (LookupError("no table"), AssertionError("no row"), TimeoutError("no answer")):
        name = type(error).__name__
        for coroutine in (False, True):
            clock = Clock({0: None, 2: error})
            label = f"{TEN}{' with a coroutine function' * coroutine}, raises {name} after 2 s"
            came = waited(submission, clock, coroutine=coroutine)
            call.observed(label, came).gives(f"raises {name}")
            call.observed(f"{label}: asked at", clock.asked).gives([0.0, 3.0])


# --- fake_inventory -------------------------------------------------------------------------------


class Database:
    """The real adapter: the contract on a table, with the exceptions of the learner's cell."""

    def __init__(self, errors: ModuleType) -> None:
        self.errors = errors
        self.engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        name, count = sa.Column("sku", sa.String, primary_key=True), sa.Column("count", sa.Integer)
        self.table = sa.Table("article", sa.MetaData(), name, count)
        self.table.metadata.create_all(self.engine)

    def add(self, sku: str, count: int) -> None:
        try:
            with self.engine.begin() as connection:
                connection.execute(self.table.insert().values(sku=sku, count=count))
        except sa.exc.IntegrityError as error:
            raise self.errors.Duplicate(sku) from error

    def take(self, lines: list[tuple[str, int]]) -> None:
        of = self.table.c
        with self.engine.begin() as connection:
            for sku, count in lines:
                there = connection.scalar(sa.select(of.count).where(of.sku == sku))
                if there is None:
                    raise self.errors.Unknown(sku)
                if there < count:
                    raise self.errors.OutOfStock(sku)
                change = self.table.update().where(of.sku == sku)
                connection.execute(change.values(count=there - count))

    def find(self, sku: str) -> Any:
        with self.engine.connect() as connection:
            row = connection.execute(self.table.select().where(self.table.c.sku == sku)).first()
        return {"sku": row[0], "count": row[1]} if row else None

    def all(self) -> list[Any]:
        with self.engine.connect() as connection:
            rows = connection.execute(self.table.select().order_by(self.table.c.sku)).all()
        return [{"sku": row[0], "count": row[1]} for row in rows]


def done(inventory: Any, method: str, *arguments: Any) -> Any:
    """Call a method; return what it gives, or the name of what it raises."""
    try:
        return getattr(inventory, method)(*arguments)
    except Exception as error:
        return f"raises {type(error).__name__}"


def compare(submission: ModuleType, call: Any, *steps: tuple[Any, ...]) -> None:
    """Take the same steps on the database and on the fake; the last one has to agree, and all()."""
    real, fake = Database(submission), submission.FakeInventory()
    told = []
    for method, *arguments in steps:
        told.append(f"{method}({', '.join(map(repr, arguments))})")
        expected, got = done(real, method, *arguments), done(fake, method, *arguments)
    label = "; ".join(told)
    call.observed(label, got).gives(expected)
    call.observed(f"{label}; all()", done(fake, "all")).gives(real.all())


def finds_what_was_added(submission, call):
    """One article, one that is not there, and a sale that is covered, down to the last one."""
    compare(submission, call, ("add", "pen", 3), ("find", "pen"))
    compare(submission, call, ("add", "pen", 3), ("find", "ink"))
    compare(submission, call, ("add", "pen", 3), ("take", [("pen", 2)]), ("find", "pen"))
    compare(submission, call, ("add", "pen", 3), ("take", [("pen", 3)]), ("find", "pen"))
    compare(submission, call, ("take", []))
    fake, lines = submission.FakeInventory(), [("pen", 2), ("ink", 1)]
    for sku, count in (("pen", 3), ("ink", 1)):
        fake.add(sku, count)
    done(fake, "take", lines)
    told = "add('pen', 3); add('ink', 1); take(lines), lines being [('pen', 2), ('ink', 1)]: lines"
    call.observed(f"{told} afterwards", lines).gives([("pen", 2), ("ink", 1)])


def refuses_a_duplicate(submission, call):
    """A key that is there is refused, and the article stays as it was, also with 0 pieces."""
    compare(submission, call, ("add", "pen", 3), ("add", "pen", 8))
    compare(submission, call, ("add", "pen", 0), ("add", "pen", 8))


def takes_everything_or_nothing(submission, call):
    """A failure in a later line leaves the earlier ones undone."""
    both = [("add", "pen", 3), ("add", "ink", 1)]
    compare(submission, call, *both, ("take", [("pen", 1), ("ink", 2)]))
    compare(submission, call, *both, ("take", [("pen", 1), ("cap", 1)]))
    compare(submission, call, *both, ("take", [("pen", 2), ("pen", 2)]))
    compare(submission, call, *both, ("take", [("pen", 2), ("pen", 1), ("ink", 1)]))
    told = "a sale that fails, then one that is covered: all()"
    fake = submission.FakeInventory()
    fake.add("pen", 3)
    done(fake, "take", [("pen", 2), ("pen", 2)])
    done(fake, "take", [("pen", 3)])
    call.observed(told, fake.all()).gives([{"sku": "pen", "count": 0}])


def says_what_is_impossible(submission, call):
    """Unknown or OutOfStock, whichever comes first."""
    compare(submission, call, ("take", [("pen", 1)]))
    compare(submission, call, ("add", "pen", 1), ("take", [("pen", 2)]))
    compare(submission, call, ("add", "pen", 1), ("take", [("pen", 2), ("cap", 1)]))
    compare(submission, call, ("add", "pen", 1), ("take", [("cap", 1), ("pen", 2)]))


def gives_copies(submission, call):
    """Whoever changes an answer changes the answer."""
    for method, pick in (("find", lambda it: it.find("pen")), ("all", lambda it: it.all()[0])):
        fake = submission.FakeInventory()
        fake.add("pen", 3)
        pick(fake)["count"] = 99
        told = f"add('pen', 3), and 99 written into what {method}() gave: find('pen')"
        call.observed(told, fake.find("pen")).gives({"sku": "pen", "count": 3})
    fake = submission.FakeInventory()
    fake.add("pen", 3)
    fake.all().clear()
    call.observed("add('pen', 3), and the list of all() cleared: all()", fake.all()).gives(
        [{"sku": "pen", "count": 3}]
    )


def lists_in_order(submission, call):
    """By sku, whenever they were added."""
    added = [("add", name, 1) for name in ("pen", "cap", "ink")]
    compare(submission, call, *added)


def agrees_with_the_database(submission, call):
    """Two hundred random steps, the same ones each time, on both."""
    for seed in range(5):
        chosen = random.Random(seed)
        real, fake = Database(submission), submission.FakeInventory()
        for _ in range(40):
            lines = [(chosen.choice("abcd"), chosen.randrange(3)) for _ in range(3)]
            step: tuple[Any, ...] = ("add", chosen.choice("abcd"), chosen.randrange(6))
            step = chosen.choice([step, ("take", lines), ("find", chosen.choice("abcd"))])
            before, expected = real.all(), done(real, *step)
            label = f"{step[0]}({', '.join(map(repr, step[1:]))}) when there is {before}"
            call.observed(label, done(fake, *step)).gives(expected)
            call.observed(f"{label}; all()", done(fake, "all")).gives(real.all())


# --- split_bill_properties ------------------------------------------------------------------------

#: Each fault shows in a good part of all bills, so that no hundred examples miss it by chance.
SPLIT = """
import struct
def right(cents, people):
    if people < 1:
        raise ValueError("nobody")
    if people > 1000:
        raise MemoryError(f"split(..., people={people}): let `people` be 1,000 at most")
    each, rest = divmod(cents, people)
    return [each + (guest < rest) for guest in range(people)]

def right_too(cents, people):
    return right(cents, people)[::-1]

def right_as_well(cents, people):
    parts = right(cents, people)
    first = cents // people % people
    return parts[first:] + parts[:first]

def loses(cents, people):
    right(cents, people)
    return [cents // people] * people

def gains(cents, people):
    right(cents, people)
    return [-(-cents // people)] * people

def one_pays(cents, people):
    parts = [each for each in loses(cents, people)]
    parts[0] += cents - sum(parts)
    return parts

def two_apart(cents, people):
    parts = right(cents, people)
    if people > 1 and parts[-1] == parts[-2] > 0:
        parts[-1] -= 1
        parts[-2] += 1
    return parts

def rises(cents, people):
    parts = right(cents, people)
    each = cents // people
    if each and parts[-4:] == [each] * 4:
        parts[-3:] = [each - 1, each, each + 1]
    return parts

def leaves_out(cents, people):
    return right(cents, people - 1 if cents < 100 and people > 1 else people)

def nothing(cents, people):
    return [] if cents == 0 and people > 0 else right(cents, people)

def one_too_many(cents, people):
    return right(cents, people) + [0] if people == 1 else right(cents, people)

def rounds(cents, people):
    return right(int(struct.unpack("f", struct.pack("f", cents))[0]), people)

def decimals(cents, people):
    return [float(part) if cents < 2**53 else part for part in right(cents, people)]

def nobody(cents, people):
    return right(cents, people) if people else []

def fewer(cents, people):
    return right(cents, people) if people >= 0 else []

def divides(cents, people):
    divmod(cents, people)
    return right(cents, people)
"""
SPLIT_NAMES = """right right_too right_as_well loses gains one_pays two_apart rises leaves_out
nothing one_too_many rounds decimals nobody fewer divides"""


def split(submission: ModuleType) -> dict[str, list[str]]:
    return on_each(source_of(submission), "split", SPLIT, SPLIT_NAMES)


def passes_on_every_right_split(submission, call):
    """The cents that are left over go to the first guests, to the last, or to some in between."""
    what = {
        "right": "a right split(), where the first guests pay the cents left over",
        "right_too": "a right split(), where the last guests pay the cents left over",
        "right_as_well": "a right split(), where guests in between pay the cents left over",
    }
    passes_on(call, split(submission), what)


def notices_lost_cents(submission, call):
    """The sum is the bill."""
    what = {
        "loses": "a split() that drops the cents left over",
        "gains": "a split() that rounds each part up",
    }
    notices(call, split(submission), what)


def notices_uneven_parts(submission, call):
    """One guest who pays all that is left over may pay too much; 2 is a cent too much as well."""
    what = {
        "one_pays": "a split() where one guest pays all the rest",
        "two_apart": "a split() where two parts differ by 2",
        "rises": "a split() where no neighbours differ by more than 1, and two other parts by 2",
    }
    notices(call, split(submission), what)


def notices_parts_that_are_missing(submission, call):
    """As many parts as people."""
    what = {
        "leaves_out": "a split() that leaves a guest out of a bill below 1.00",
        "nothing": "a split() that gives [] for a bill of 0, which `@example` tries for certain",
        "one_too_many": "a split() that gives two parts for one guest",
    }
    notices(call, split(submission), what)


def notices_floats(submission, call):
    """Whole numbers, and no loss above what a float can hold."""
    what = {
        "decimals": "a split() that gives 33.0 and not 33",
        "rounds": "a split() that computes in single precision, wrong above 2**24 cents",
    }
    notices(call, split(submission), what)


def notices_missing_refusals(submission, call):
    """No people, or fewer."""
    what = {
        "nobody": "a split() that gives [] for 0 people",
        "fewer": "a split() that gives [] for -1 people",
        "divides": "a split() that raises ZeroDivisionError for 0 people",
    }
    notices(call, split(submission), what)


# --- rollback_fixture -----------------------------------------------------------------------------

USERS = """
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)

engine = sa.create_engine("sqlite:///users.db", poolclass=sa.QueuePool)

@sa.event.listens_for(engine, "connect")
def by_hand(connection, record):
    connection.isolation_level = None  # or sqlite3 begins and commits where it likes

@sa.event.listens_for(engine, "begin")
def begin(connection):
    connection.exec_driver_sql("BEGIN")

Base.metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(sa.insert(User).values(name="reference"))

def names(session):
    return sorted(session.scalars(sa.select(User.name)))
"""
#: Names with an underscore in front, too, which ``import *`` leaves out.
FIXTURES = """
import submission
globals().update({name: it for name, it in vars(submission).items() if name[:2] != "__"})
"""
USERS_TESTS = """
import pytest, sqlalchemy as sa
from users import User, engine, names

def test_a_first(session):
    session.add(User(name="Ada"))
    session.commit()
    assert "Ada" in names(session)

def test_a_second(session):
    assert names(session) == ["reference"]
    session.add(User(name="Ada"))
    session.commit()

def test_b_rolls_back(session):
    session.add(User(name="Ada"))
    session.commit()
    session.add(User(name="Bob"))
    session.flush()
    session.rollback()
    assert names(session) == ["Ada", "reference"]

def test_b_refused(session):
    session.add(User(name="Ada"))
    session.commit()
    session.add(User(name="Ada"))
    with pytest.raises(sa.exc.IntegrityError):
        session.commit()
    session.rollback()
    assert names(session) == ["Ada", "reference"]

def test_c_given_back():
    assert engine.pool.checkedout() == 0

def test_d_reads_without_asking(session):
    user = User(name="Ada")
    session.add(user)
    session.commit()
    sent = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    assert user.name == "Ada"
    assert sent == []

def test_d_writes_by_itself(session):
    session.add(User(name="Ada"))
    assert names(session) == ["Ada", "reference"]

def test_x_fails_in_the_middle(session):
    session.add(User(name="Ada"))
    session.commit()
    session.add(User(name="Ada"))
    session.flush()

def test_x_fails_before_a_flush(session):
    session.add(User(name="reference"))
    pytest.fail("in the middle")

def test_y_given_back():
    assert engine.pool.checkedout() == 0

def test_z_nothing_left(session):
    assert names(session) == ["reference"]

def test_zz_renames(session):
    session.scalars(sa.select(User)).one().name = "renamed"
    session.commit()
    assert names(session) == ["renamed"]
"""
USERS_CONFTEST = """
import users

@pytest.fixture(scope="session")
def engine():
    yield users.engine

def pytest_sessionfinish():
    import sqlite3
    connection = sqlite3.connect("users.db", timeout=1)
    left = connection.execute("SELECT name FROM user ORDER BY name").fetchall()
    line = json.dumps(["left", None, "passed", [name for name, in left]])
    with open("told", "a") as file:
        print(line, file=file)
"""


@cache
def users(source: str) -> dict[str, tuple[str, Any]]:
    """Run the tests above with the learner's fixture; return outcome and text of each."""
    files = {"users.py": USERS, "conftest.py": USERS_CONFTEST}
    files["test_users.py"] = f"{FIXTURES}\n{USERS_TESTS}"
    files["submission.py"] = source
    told = run_tests("users", files)
    ends: dict[str, tuple[str, Any]] = {}
    for name, _, outcome, text in told:
        if ends.get(name, ("passed", ""))[0] == "passed":
            ends[name] = (outcome, text)
    return ends


def ends_well(call: Any, submission: ModuleType, tests: dict[str, str]) -> None:
    """Require that these tests pass."""
    seen = users(source_of(submission))
    for test, description in tests.items():
        outcome, text = seen.get(test, ("did not run", ""))
        told = f" ({first_reason(text)})" if outcome == "failed" else ""
        call.observed(f"{description}{told}", outcome).gives("passed")


def keeps_tests_apart(submission, call):
    """Two tests each commit a user of the same unique name."""
    tests = {
        "test_a_first": "a test that commits a user and finds it",
        "test_a_second": "the next test, which expects only the reference data",
    }
    ends_well(call, submission, tests)


def keeps_commits_within_the_test(submission, call):
    """A later rollback takes back what came after the commit, and no more."""
    tests = {
        "test_b_rolls_back": "commit Ada, flush Bob, roll back: a test that expects Ada",
        "test_b_refused": "commit Ada, be refused a second Ada, roll back: a test that expects Ada",
    }
    ends_well(call, submission, tests)


def leaves_the_database_as_it_was(submission, call):
    """Another client looks after the last test."""
    seen = users(source_of(submission)).get("left", ("", ["(no report)"]))[1]
    told = "after the last test, which renames 'reference' and commits: names in the table"
    call.observed(told, seen).gives(["reference"])


def gives_the_connection_back(submission, call):
    """No connection is out of the pool between two tests."""
    ends_well(call, submission, {"test_c_given_back": "between tests: no connection is held"})


def cleans_up_after_a_failing_test(submission, call):
    """One test commits a user and fails in a flush; one fails with a duplicate not yet flushed."""
    tests = {
        "test_y_given_back": "after failures in a flush and before one: no connection is held",
        "test_z_nothing_left": "after failures in a flush and before one: the next test",
    }
    ends_well(call, submission, tests)


def behaves_like_the_applications_session(submission, call):
    """Attributes stay readable after a commit, and queries flush first."""
    tests = {
        "test_d_reads_without_asking": "an attribute after a commit, read without a statement",
        "test_d_writes_by_itself": "a query after add(), which flushes first",
    }
    ends_well(call, submission, tests)


# --- flaky_suite ----------------------------------------------------------------------------------

LIBRARY = """
import os, threading, time
from datetime import date, timedelta

clock, real_sleep, awake = None, time.sleep, threading.Event()
awake.set()

def sleep(seconds):
    if threading.current_thread() is threading.main_thread():
        awake.clear()
    real_sleep(seconds)
    awake.set()

if "DELAY" in os.environ:
    time.sleep = sleep

def passes_midnight(moment):
    if os.environ.get("MIDNIGHT") == moment:
        clock.shift(timedelta(days=1))

class right:
    def __init__(self, today=lambda: date.today()):
        self._today, self._titles = today, set()
    def add(self, title):
        self._titles.add(title)
    def titles(self):
        order = os.environ.get("ORDER")  # one that a seed may have, for any titles
        return sorted(self._titles, reverse=order == "down") if order else list(self._titles)
    def lend(self, title, notify=None):
        if title not in self._titles:
            raise KeyError(title)
        if notify:
            thread = threading.Thread(target=self._tell, args=(title, notify), daemon=True)
            thread.start()
        passes_midnight("before")
        day = self._today()
        passes_midnight("after")
        return day + timedelta(days=14)
    def _tell(self, title, notify):
        if "DELAY" not in os.environ:
            real_sleep(0.01)
        else:  # a test that sleeps once is awake, and has looked, before it hears anything
            real_sleep(float(os.environ["DELAY"]))
            awake.wait()
            real_sleep(0.5)
        notify(f"{title} is yours")

class loses(right):
    def titles(self):
        return super().titles()[:1]

class invents(right):
    def titles(self):
        return [*super().titles(), "A title that nobody added"]

class swaps(right):
    def titles(self):
        return [*super().titles()[1:], "A title that nobody added"]

class late(right):
    def lend(self, title, notify=None):
        return super().lend(title, notify) + timedelta(days=1)

class other_text(right):
    def _tell(self, title, notify):
        notify(f"{title} is here")

class untitled(right):
    def _tell(self, title, notify):
        notify("It is yours")

class silent(right):
    def _tell(self, title, notify):
        pass
"""
LIBRARY_CONFTEST = """
import os, sys
import library

def pytest_collection_modifyitems(items):
    if "ONLY" in os.environ:
        items[:] = items[int(os.environ["ONLY"]) :][:1]
    if "REVERSED" in os.environ:
        items.reverse()

@pytest.fixture(scope="session", autouse=True)
def on_a_day():
    if "DAY" not in os.environ:
        yield
        return
    import time_machine
    with time_machine.travel(os.environ["DAY"]) as library.clock:
        yield

@pytest.fixture(scope="session")
def Library():
    return getattr(library, os.environ.get("LIBRARY", "right"))
"""
CONDITIONS = {
    "as it stands": {},
    "reversed": {"REVERSED": "1"},
    "hash seed 3": {"PYTHONHASHSEED": "3", "ORDER": "up"},
    "hash seed 4": {"PYTHONHASHSEED": "4", "ORDER": "down"},
    "on 30 December": {"DAY": "2026-12-30T12:00+00:00"},
    "on 29 February": {"DAY": "2028-02-29T12:00+00:00"},
    "midnight before": {"DAY": "2026-12-30T12:00+00:00", "MIDNIGHT": "before"},
    "midnight after": {"DAY": "2026-12-30T12:00+00:00", "MIDNIGHT": "after"},
    "slow": {"DELAY": "1.5"},
}
FAULTS = {
    "loses": "a library that loses titles (its titles() gives one at most)",
    "invents": "a library with a title that nobody added",
    "swaps": "a library that loses a title and invents another",
    "late": "a library that lends for 15 days",
    "other_text": "a library that sends 'TITLE is here'",
    "untitled": "a library that sends 'It is yours', without the title",
    "silent": "a library that never calls notify",
}
CONDITIONS |= {name: {"LIBRARY": name} for name in FAULTS}
#: How long a suite may take under one condition, in seconds; it needs one or two.
LONGEST = 60


@cache
def libraries(source: str) -> dict[str, Told]:
    """Run the suite under each condition, and each of its tests alone."""

    def run(named: tuple[str, dict[str, str]]) -> Told:
        name, env = named
        files = {"library.py": LIBRARY, "conftest.py": LIBRARY_CONFTEST}
        files["test_submission.py"] = source
        try:
            return run_tests(name.replace(" ", "-"), files, seconds=LONGEST, **env)
        except ProcessFailed:
            return [("the suite", None, f"does not end within {LONGEST} s", "")]

    with ThreadPoolExecutor(3) as pool:
        seen = dict(zip(CONDITIONS, pool.map(run, CONDITIONS.items()), strict=True))
        count = len({test for test, *_ in seen["as it stands"]})
        alone = {f"alone {n}": {"ONLY": str(n)} for n in range(count)}
        return seen | dict(zip(alone, pool.map(run, alone.items()), strict=True))


def failing(told: Told) -> list[str]:
    """Return the names of the tests that did not pass."""
    return sorted(
        {
            test if outcome in ("failed", "skipped") else f"{test} {outcome}"
            for test, _, outcome, _ in told
            if outcome != "passed"
        }
    )


def under(call: Any, submission: ModuleType, conditions: dict[str, str]) -> None:
    """Require that nothing fails under these conditions."""
    seen = libraries(source_of(submission))
    for name, description in conditions.items():
        call.observed(f"{description}: tests that fail", failing(seen[name])).gives([])


def passes_as_it_stands(submission, call):
    """The suite from top to bottom, with three tests at least."""
    under(call, submission, {"as it stands": "the suite as it stands"})
    tests = {
        test.partition("[")[0] for test, *_ in libraries(source_of(submission))["as it stands"]
    }
    call.observed(f"your tests ({len(tests)}): three at least", len(tests) >= 3).gives(True)


def passes_in_any_order(submission, call):
    """From bottom to top."""
    under(call, submission, {"reversed": "the suite in reverse order"})


def passes_alone(submission, call):
    """Each test in a process of its own."""
    seen = libraries(source_of(submission))
    for name, told in seen.items():
        if name.startswith("alone"):
            call.observed(f"{told[0][0]}, run alone: tests that fail", failing(told)).gives([])


def passes_with_another_hash_seed(submission, call):
    """The order of a set of strings changes with the seed of their hashes."""
    conditions = {
        "hash seed 3": "with PYTHONHASHSEED=3, and titles() from A to Z",
        "hash seed 4": "with PYTHONHASHSEED=4, and titles() from Z to A",
    }
    under(call, submission, conditions)


def passes_on_any_day_and_at_midnight(submission, call):
    """Before New Year and 1 March, and while the date changes between two looks at the clock."""
    conditions = {
        "on 30 December": "on 30 December 2026",
        "on 29 February": "on 29 February 2028",
        "midnight before": "at midnight, just before lend() asks for the date",
        "midnight after": "at midnight, just after lend() has asked for the date",
    }
    under(call, submission, conditions)


def passes_on_a_slow_machine(submission, call):
    """The other thread needs two seconds, and longer than a sleep of the test."""
    told = (
        "with a thread that takes 2 s, and longer than a sleep of the test, until it calls notify"
    )
    under(call, submission, {"slow": told})


def still_notices_faults(submission, call):
    """Seven faulty libraries."""
    seen = libraries(source_of(submission))
    for name, description in FAULTS.items():
        ends = [outcome for _, _, outcome, _ in seen[name] if outcome.startswith("does not end")]
        came = "one fails" if failing(seen[name]) else "all pass"
        call.observed(f"{description}: of your tests", (ends or [came])[0]).gives("one fails")
