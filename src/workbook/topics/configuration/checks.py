"""The checks of chapter 08's exercises: pytest functions that the sandbox runs on a learner's cell.

Checks count and wait for events; none depends on how fast the machine is.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import logging
import os
import random
import re
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: How long a check waits for something that a right solution does, or a wrong one, at once.
PATIENCE = 5.0
#: How long a check gives a wrong solution the opportunity to do what it should not do.
OPPORTUNITY = 0.5


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set these environment variables, and no other that begins like them."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("SHOP_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# --- read_environment -----------------------------------------------------------------------------


def knows_the_words(call):
    """Each of the eight words."""
    for word in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        expected = word in ("1", "true", "yes", "on")
        call("read", {"DEBUG": word}).gives({"debug": expected, "port": 8000, "hosts": []})


def ignores_case_and_spaces(call):
    """Any case, and spaces around."""
    call("read", {"DEBUG": " False "}).gives({"debug": False, "port": 8000, "hosts": []})
    call("read", {"DEBUG": "YES"}).gives({"debug": True, "port": 8000, "hosts": []})
    call("read", {"PORT": " 9000 "}).gives({"debug": False, "port": 9000, "hosts": []})


def has_defaults(submission, call):
    """Nothing is set; or only what is for others."""
    call("read", {}).gives({"debug": False, "port": 8000, "hosts": []})
    call("read", {"HOME": "/"}).gives({"debug": False, "port": 8000, "hosts": []})
    submission.read({})["hosts"].append("a.example")
    told = "read({})['hosts'], after somebody has changed the list that another call gave"
    call.observed(told, submission.read({})["hosts"]).gives([])
    given = {"DEBUG": "on", "PORT": "9000", "HOSTS": "a.example", "HOME": "/"}
    kept = dict(given)
    submission.read(kept)
    call.observed("the mapping after read(mapping)", kept).gives(given)


def takes_empty_for_unset(call):
    """All set, and empty or nearly so."""
    nothing = {"debug": False, "port": 8000, "hosts": []}
    call("read", {"DEBUG": "", "PORT": "", "HOSTS": ""}).gives(nothing)
    call("read", {"DEBUG": " ", "PORT": " ", "HOSTS": " "}).gives(nothing)


def splits_the_hosts(call):
    """One, two, with spaces, with empty ones."""
    for text, hosts in [
        ("a.example", ["a.example"]),
        ("a.example,b.example", ["a.example", "b.example"]),
        (" a.example , b.example ", ["a.example", "b.example"]),
        ("a.example,,b.example,", ["a.example", "b.example"]),
        ("a.example, ,b.example", ["a.example", "b.example"]),
        ("b.example,A.example", ["b.example", "A.example"]),
    ]:
        call("read", {"HOSTS": text}).gives({"debug": False, "port": 8000, "hosts": hosts})


def refuses_what_it_does_not_know(call):
    """Other words, and ports that are none."""
    for word in ("enabled", "2", "nope", "tru", "e", "o n"):
        call("read", {"DEBUG": word}).raises(ValueError)
    for port in ("many", "0", "-1", "65536", "80.5", "80 80", "inf", "8\u00b2"):
        call("read", {"PORT": port}).raises(ValueError)
    call("read", {"PORT": "1"}).gives({"debug": False, "port": 1, "hosts": []})
    call("read", {"PORT": "65535"}).gives({"debug": False, "port": 65535, "hosts": []})


def shows_no_value(submission, call):
    """A key in the wrong line."""
    for name, value in {"DEBUG": "sk_live_77", "PORT": "sk_live_77"}.items():
        told, printed = "no exception", ""
        try:
            submission.read({name: value})
        except ValueError as error:
            told, printed = str(error), "".join(traceback.format_exception(error))
        label = f"read({{'{name}': 'sk_live_77'}})"
        names = {*re.findall(r"\b(?:DEBUG|PORT|HOSTS)\b", told)}
        call.observed(f"{label}: variables that the message names", names).gives({name})
        call.observed(f"{label}: the message has the value", "sk_live_77" in told).gives(False)
        call.observed(f"{label}: the traceback has it", "sk_live_77" in printed).gives(False)
    for port in ("70123", "-70123", "70123\u00b2"):
        told, printed = "no exception", ""
        try:
            submission.read({"PORT": port})
        except ValueError as error:
            told, printed = str(error), "".join(traceback.format_exception(error))
        label = f"read({{'PORT': '{port}'}})"
        named = bool(re.search(r"\bPORT\b", told))
        call.observed(f"{label}: the message names PORT", named).gives(True)
        call.observed(f"{label}: the traceback has the value", "70123" in printed).gives(False)


# --- settings_class -------------------------------------------------------------------------------

URL = "postgresql://shop:hunter2@db/shop"
GOOD = {"SHOP_ENVIRONMENT": "staging", "SHOP_DATABASE_URL": URL}


def built(submission: Any, **changes: str) -> Any:
    """Build the settings with these variables; return them, or the exception."""
    with environment(**{**GOOD, **changes}):
        try:
            return submission.Settings()
        except Exception as error:
            return error


def told(**variables: str) -> str:
    """How a message names the variables of a check."""
    return ", ".join(f"{name}={value}" for name, value in variables.items()) or "the usual two"


def kind(made: Any) -> str:
    """Say what came of building the settings."""
    return "refused" if isinstance(made, Exception) else "settings"


def outcome(made: Any) -> str:
    """Say why there is no value to look at."""
    if not isinstance(made, Exception):
        return "there is no such field"
    said = str(made).partition(" [type=")[0]
    return " ".join(f"refused by {type(made).__name__}: {said}".split())[:200]


def plain(value: Any) -> Any:
    """Take an enumeration's member for its value, and a tuple for a list."""
    value = getattr(value, "value", value)
    return list(value) if isinstance(value, tuple) else value


def reads_the_variables(submission, call):
    """All values, by the environment, in any case."""
    for text in ("development", "staging", "production", "Production", "STAGING", "stAging"):
        made = built(submission, SHOP_ENVIRONMENT=text)
        seen = plain(getattr(made, "environment", outcome(made)))
        call.observed(f"SHOP_ENVIRONMENT={text}: environment", str(seen)).gives(text.lower())
    made = built(submission)
    call.observed("SHOP_DEBUG not set: debug", getattr(made, "debug", outcome(made))).gives(False)
    made = built(submission, SHOP_DEBUG="on")
    call.observed("SHOP_DEBUG=on: debug", getattr(made, "debug", outcome(made))).gives(True)
    made = built(submission, DEBUG="on")
    call.observed("DEBUG=on, no prefix: debug", getattr(made, "debug", outcome(made))).gives(False)


def needs_an_environment(submission, call):
    """A missing or unknown environment, and a missing database, are refused."""
    for changes in ({"SHOP_ENVIRONMENT": "prod"}, {"SHOP_ENVIRONMENT": "productions"}):
        call.observed(f"{told(**changes)}: gives", kind(built(submission, **changes))).gives(
            "refused"
        )
    for left_out in GOOD:
        rest = {name: value for name, value in GOOD.items() if name != left_out}
        with environment(**rest):
            try:
                seen = kind(submission.Settings())
            except Exception:
                seen = "refused"
        call.observed(f"{left_out} not set: gives", seen).gives("refused")


def allows_no_debug_in_production(submission, call):
    """Production with debug, and the three combinations beside it."""
    for where, debug, expected in [
        ("production", "1", "refused"),
        ("Production", "on", "refused"),
        ("production", "0", "settings"),
        ("staging", "1", "settings"),
        ("development", "1", "settings"),
    ]:
        changes = {"SHOP_ENVIRONMENT": where, "SHOP_DEBUG": debug}
        call.observed(f"{told(**changes)}: gives", kind(built(submission, **changes))).gives(
            expected
        )


def hides_the_database(submission, call):
    """What is printed, and what is dumped as JSON."""
    made = built(submission)
    for name, text in {"str": str(made), "repr": repr(made)}.items():
        call.observed(f"{name}(settings) shows the password", "hunter2" in text).gives(False)
    dumped = getattr(made, "model_dump_json", lambda: kind(made))()
    call.observed("model_dump_json() shows the password", "hunter2" in dumped).gives(False)
    secret = getattr(made, "database_url", None)
    shown = getattr(secret, "get_secret_value", lambda: "there is no get_secret_value()")()
    call.observed("database_url.get_secret_value()", str(shown)).gives(URL)


def splits_hosts(submission, call):
    """By commas, with spaces; none by default."""
    for text, expected in [
        ("a.example,b.example", ["a.example", "b.example"]),
        ("a.example", ["a.example"]),
        ("a.example,b.example,c.example", ["a.example", "b.example", "c.example"]),
        (" a.example , b.example", ["a.example", "b.example"]),
        ("b.example,A.example", ["b.example", "A.example"]),
    ]:
        made = built(submission, SHOP_HOSTS=text)
        seen = plain(getattr(made, "hosts", outcome(made)))
        call.observed(f"SHOP_HOSTS={text}: hosts", seen).gives(expected)
    made = built(submission)
    seen = plain(getattr(made, "hosts", outcome(made)))
    call.observed("SHOP_HOSTS not set: hosts", seen).gives([])


def ignores_empty_variables(submission, call):
    """Empty is not set: a default where there is one, else an error."""
    made = built(submission, SHOP_DEBUG="", SHOP_HOSTS="")
    call.observed("SHOP_DEBUG= (empty): debug", getattr(made, "debug", outcome(made))).gives(False)
    seen = plain(getattr(made, "hosts", outcome(made)))
    call.observed("SHOP_HOSTS= (empty): hosts", seen).gives([])
    for name in GOOD:
        seen = kind(built(submission, **{name: ""}))
        call.observed(f"{name}= (empty): gives", seen).gives("refused")


def shares_its_dotenv(submission, call):
    """A `.env` with a line for another program; a real variable wins."""
    folder = Path("elsewhere")
    folder.mkdir(exist_ok=True)
    (folder / ".env").write_text("SHOP_DEBUG=1\nPOSTGRES_PASSWORD=hunter3\n", encoding="utf-8")
    label = "a .env in the working folder, with SHOP_DEBUG=1 and POSTGRES_PASSWORD=hunter3"
    with contextlib.chdir(folder):
        made = built(submission)
        call.observed(f"{label}: gives", kind(made)).gives("settings")
        call.observed(f"{label}: debug", getattr(made, "debug", outcome(made))).gives(True)
        shown = f"{made} {made!r}"
        call.observed(f"{label}: str and repr show hunter3", "hunter3" in shown).gives(False)
        made = built(submission, SHOP_DEBUG="0")
        call.observed(f"{label}, and SHOP_DEBUG=0 in the environment: debug", made.debug).gives(
            False
        )
        seen = kind(built(submission, SHOP_ENVIRONMENT="production"))
        call.observed(f"{label}, and SHOP_ENVIRONMENT=production: gives", seen).gives("refused")
        Path(".env").write_text("SHOP_DEBUG=\nSHOP_HOSTS=a.example, b.example\n", encoding="utf-8")
        made = built(submission)
        label = "a .env with SHOP_DEBUG= (empty) and SHOP_HOSTS=a.example, b.example"
        call.observed(f"{label}: debug", getattr(made, "debug", outcome(made))).gives(False)
        seen = plain(getattr(made, "hosts", outcome(made)))
        call.observed(f"{label}: hosts", seen).gives(["a.example", "b.example"])


def shows_no_input(submission, call):
    """What the error says, where one field is wrong or missing and another one is secret."""
    for name in ("SHOP_DEBUG", "SHOP_ENVIRONMENT"):
        made = built(submission, **{name: "sk_live_77"})
        call.observed(f"{name}=sk_live_77: gives", kind(made)).gives("refused")
        leaks = "sk_live_77" in str(made)
        call.observed(f"{name}=sk_live_77: the error shows it", leaks).gives(False)
    with environment(SHOP_DATABASE_URL=URL):
        try:
            shown = str(submission.Settings())
        except Exception as error:
            shown = str(error)
    call.observed(
        "SHOP_ENVIRONMENT not set: the error shows the password", "hunter2" in shown
    ).gives(False)
    shown = str(built(submission, SHOP_ENVIRONMENT="production", SHOP_DEBUG="1"))
    call.observed("production with debug: the error shows the password", "hunter2" in shown).gives(
        False
    )


def is_frozen(submission, call):
    """Change a field of the finished object."""
    made = built(submission)
    call.observed(f"{told()}: gives", kind(made)).gives("settings")
    for name, value in [("debug", True), ("environment", "production"), ("hosts", ["a.example"])]:
        try:
            setattr(made, name, value)
            seen = "changed"
        except Exception:
            seen = "refused"
        call.observed(f"settings.{name} = {value!r}: is", seen).gives("refused")
    call.observed("settings.debug afterwards", getattr(made, "debug", outcome(made))).gives(False)


# --- settings_factory -----------------------------------------------------------------------------


def gross(app: Any, cents: int = 100) -> Any:
    """Ask an application for the price of so many cents."""
    import httpx

    async def ask() -> httpx.Response:
        async with app.router.lifespan_context(app) as state:  # as a server would

            async def served(scope: Any, receive: Any, send: Any) -> None:
                await app({**scope, "state": dict(state or {})}, receive, send)

            transport = httpx.ASGITransport(app=served, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.get(f"/price/{cents}")

    answer = asyncio.run(ask())
    return answer.json() if answer.status_code == 200 else f"status {answer.status_code}"


def no_environment() -> contextlib.AbstractContextManager[None]:
    """Take the application's variables out of the environment."""
    for name in ("STRIPE_KEY", "VAT_PERCENT"):
        os.environ.pop(name, None)
    return environment()


def application(submission: Any, call: Any, label: str, *settings: Any) -> Any:
    """Make an application; say what was raised in its place."""
    try:
        return submission.create_app(*settings)
    except Exception as error:
        call.observed(f"{label}: gives", f"raises {type(error).__name__}").gives("an application")


def uses_what_it_is_given(submission, call):
    """Settings made by hand, and an environment that says otherwise."""
    with no_environment():
        settings = submission.Settings(stripe_key="sk", vat_percent=7)
        app = application(submission, call, "create_app(settings), no variable set", settings)
        call.observed("vat_percent=7: GET /price/100", gross(app)).gives({"gross": 107})
        call.observed("vat_percent=7: GET /price/250", gross(app, 250)).gives({"gross": 267})
        by_default = submission.Settings(stripe_key="sk")  # 25 percent, by no variable
    with environment(STRIPE_KEY="sk", VAT_PERCENT="19"):
        given = submission.Settings(stripe_key="sk", vat_percent=0)
        for vat, settings in ((0, given), (25, by_default)):
            app = application(submission, call, "create_app(settings)", settings)
            call.observed(
                f"create_app(settings with {vat}), VAT_PERCENT=19 in the environment: "
                "GET /price/100",
                gross(app),
            ).gives({"gross": 100 + vat})


def reads_the_environment_each_time(submission, call):
    """Two applications, two environments; and the default of the VAT."""
    with no_environment(), environment(STRIPE_KEY="sk"):
        app = application(submission, call, "create_app(), STRIPE_KEY set")
        call.observed("create_app(), VAT_PERCENT not set: GET /price/100", gross(app)).gives(
            {"gross": 125}
        )
    with environment(STRIPE_KEY="sk", VAT_PERCENT="7"):
        first = application(submission, call, "create_app(), STRIPE_KEY and VAT_PERCENT set")
        call.observed("create_app(), VAT_PERCENT=7: GET /price/100", gross(first)).gives(
            {"gross": 107}
        )
    with environment(STRIPE_KEY="sk", VAT_PERCENT="19"):
        second = application(submission, call, "a second create_app()")
        call.observed(
            "a second create_app(), now VAT_PERCENT=19: GET /price/100", gross(second)
        ).gives({"gross": 119})
        call.observed("the first one again: GET /price/100", gross(first)).gives({"gross": 107})


def fails_at_once(submission, call):
    """No key, or a rate that is none: nothing must be served."""
    cases: list[tuple[str, dict[str, str]]] = [
        ("STRIPE_KEY not set", {}),
        ("VAT_PERCENT='a quarter'", {"STRIPE_KEY": "sk", "VAT_PERCENT": "a quarter"}),
    ]
    for told, variables in cases:
        with no_environment(), environment(**variables):
            try:
                submission.create_app()
                seen = "an application"
            except (Exception, SystemExit):
                seen = "an exception"
        call.observed(f"create_app(), {told}: gives", seen).gives("an exception")


def keeps_applications_apart(submission, call):
    """Two applications, asked in turns."""
    apps = {
        vat: application(
            submission,
            call,
            f"create_app(settings with {vat} percent), no variable set",
            submission.Settings(stripe_key="sk", vat_percent=vat),
        )
        for vat in (0, 25)
    }
    call.observed("two calls of create_app give two applications", apps[0] is apps[25]).gives(False)
    for vat in (0, 25, 0):
        label = f"applications with 0 and 25 percent, the one with {vat}: GET /price/100"
        call.observed(label, gross(apps[vat])).gives({"gross": 100 + vat})


def can_be_overridden(submission, call):
    """`dependency_overrides` of one application."""
    make = submission.Settings
    settings = make(stripe_key="sk", vat_percent=7)
    app, other = (
        application(submission, call, "create_app(settings), no variable set", settings)
        for _ in range(2)
    )
    replaced = make(stripe_key="sk", vat_percent=50)
    app.dependency_overrides[submission.get_settings] = lambda: replaced
    call.observed("get_settings overridden with 50 percent: GET /price/100", gross(app)).gives(
        {"gross": 150}
    )
    call.observed("another application, not overridden: GET /price/100", gross(other)).gives(
        {"gross": 107}
    )


# --- rollout --------------------------------------------------------------------------------------

USERS = [f"user-{number}" for number in range(6000)]


def who(submission: Any, flag: str, percent: float) -> set[str]:
    """The users for whom a flag is on."""
    return {user for user in USERS if submission.is_on(flag, user, percent)}


def nobody_at_0_and_everybody_at_100(submission, call):
    """The two ends."""
    call.observed(
        "is_on('checkout', 6000 users, 0): on for", len(who(submission, "checkout", 0))
    ).gives(0)
    call.observed(
        "is_on('checkout', 6000 users, 100): on for", len(who(submission, "checkout", 100))
    ).gives(6000)
    call("is_on", "checkout", "ada", 0).gives(False)
    call("is_on", "checkout", "ada", 100).gives(True)
    call("is_on", "neue Kasse", "Zoë", 100).gives(True)


def has_about_the_share(submission, call):
    """Ten, fifty and ninety percent, within five standard deviations."""
    for percent in (10, 50, 90):
        count = len(who(submission, "checkout", percent))
        spread = 5 * (6000 * percent / 100 * (1 - percent / 100)) ** 0.5
        wanted = 60 * percent
        seen = f"about {wanted}" if abs(count - wanted) <= spread else count
        call.observed(f"6000 users at {percent} percent: on for", seen).gives(f"about {wanted}")
    names = [chr(0x430 + n // 30) + chr(0x430 + n % 30) for n in range(900)]
    count = sum(bool(submission.is_on("checkout", name, 50)) for name in names)
    seen = "about 450" if abs(count - 450) <= 75 else count
    told = f"900 users with names like {names[3]} at 50 percent: on for"
    call.observed(told, seen).gives("about 450")


def reads_fractions(submission, call):
    """Half a percent, and a quarter more."""
    small, more = who(submission, "checkout", 0.5), who(submission, "checkout", 0.75)
    seen = "8 to 60" if 8 <= len(small) <= 60 else len(small)
    call.observed("6000 users at 0.5 percent: on for", seen).gives("8 to 60")
    call.observed("6000 users, more at 0.75 than at 0.5 percent", len(more) > len(small)).gives(
        True
    )


def keeps_whoever_had_it(submission, call):
    """Step by step from 5 to 95."""
    before: set[str] = set()
    for percent in (5, 10, 20, 21, 50, 95):
        now = who(submission, "checkout", percent)
        call.observed(f"raised to {percent} percent: users who lost it", len(before - now)).gives(0)
        before = now


def tells_flags_apart(submission, call):
    """Two flags at 20 percent: of those who have one, about a fifth have the other."""
    one = who(submission, "checkout", 20)
    for flag in ("search", "checkout-2", "discount"):
        share = len(one & who(submission, flag, 20)) / max(len(one), 1)
        seen = "about a fifth" if 0.1 < share < 0.3 else f"{100 * share:.0f} percent"
        call.observed(f"of those with checkout, have {flag} too", seen).gives("about a fifth")


def agrees_between_processes(submission, call):
    """Ask in processes whose `hash` is salted otherwise."""
    before = random.getstate()
    submission.is_on("checkout", "ada", 50)
    told = "is_on('checkout', 'ada', 50) changes the generator that all of `random` shares"
    call.observed(told, random.getstate() != before).gives(False)
    code = (
        "import runpy, sys; is_on = runpy.run_path(sys.argv[1])['is_on'];"
        "print([int(bool(is_on('checkout', f'user-{n}', 50))) for n in range(200)])"
    )
    here = [int(bool(submission.is_on("checkout", f"user-{n}", 50))) for n in range(200)]
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(
            [sys.executable, "-c", code, "submission.py"],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        there = ast.literal_eval(ran.stdout.strip() or "[]")
        seen = sum(a == b for a, b in zip(there, here, strict=False))
        call.observed(f"200 users asked in a second process ({seed}): same answers", seen).gives(
            200
        )


# --- redacting_formatter --------------------------------------------------------------------------


def logged(formatter: logging.Formatter, write: Callable[[logging.Logger], Any]) -> str:
    """Return what a handler with this formatter writes."""
    stream, logger = io.StringIO(), logging.Logger("shop")

    class Handler(logging.StreamHandler):  # type: ignore[type-arg]
        def handleError(self, record: logging.LogRecord) -> None:
            stream.write(f"failed: {sys.exc_info()[1]!r}")

    handler = Handler(stream)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    write(logger)
    return stream.getvalue().rstrip("\n")


def leaves_other_text_alone(submission, call):
    """No secret in it, and no secrets at all; the format counts."""
    made = submission.Redacting(["s3cret"])
    seen = logged(made, lambda log: log.warning("paid %d cents", 7))
    call.observed("Redacting(['s3cret']), 'paid 7 cents': written", seen).gives("paid 7 cents")
    seen = logged(made, lambda log: log.warning("  S3CRET, s3 cret\n\tpaid "))
    call.observed("Redacting(['s3cret']), other case, other spaces: written", seen).gives(
        "  S3CRET, s3 cret\n\tpaid "
    )
    submission.Redacting(["paid"])
    seen = logged(made, lambda log: log.warning("paid s3cret"))
    told = "Redacting(['s3cret']), after the construction of Redacting(['paid']): written"
    call.observed(told, seen).gives("paid ***")
    made = submission.Redacting([], "%(levelname)s %(name)s %(message)s")
    seen = logged(made, lambda log: log.warning("paid"))
    call.observed("Redacting([], '%(levelname)s %(name)s %(message)s'): written", seen).gives(
        "WARNING shop paid"
    )


def redacts_message_and_arguments(submission, call):
    """In the message, as an argument, in a dictionary, in an object."""

    class Request:
        def __repr__(self) -> str:
            return "<Request key=s3cret>"

    ways: dict[str, tuple[Callable[[logging.Logger], Any], str]] = {
        "'key s3cret.'": (lambda log: log.warning("key s3cret."), "key ***."),
        "'s3cret s3cret'": (lambda log: log.warning("s3cret s3cret"), "*** ***"),
        "'sk_s3cret_7'": (lambda log: log.warning("sk_s3cret_7"), "sk_***_7"),
        "'key %s', 's3cret'": (lambda log: log.warning("key %s", "s3cret"), "key ***"),
        "'%s', {'key': 's3cret'}": (
            lambda log: log.warning("%s", {"key": "s3cret"}),
            "{'key': '***'}",
        ),
        "ValueError('no key s3cret'), as the message": (
            lambda log: log.warning(ValueError("no key s3cret")),
            "no key ***",
        ),
        "'%r', an object": (lambda log: log.warning("%r", Request()), "<Request key=***>"),
    }
    for label, (write, expected) in ways.items():
        seen = logged(submission.Redacting(["s3cret"]), write)
        call.observed(f"logged {label}: written", seen).gives(expected)
    made = submission.Redacting(["s3cret"], "%(name)s %(key)s: %(message)s")
    seen = logged(made, lambda log: log.warning("paid", extra={"key": "s3cret"}))
    label = "fmt '%(name)s %(key)s: %(message)s', extra={'key': 's3cret'}: written"
    call.observed(label, seen).gives("shop ***: paid")


def redacts_a_traceback(submission, call):
    """An exception that names the secret, and a stack."""

    def fail(log: logging.Logger) -> None:
        try:
            raise ValueError("no such key: s3cret")
        except ValueError:
            log.exception("it failed")

    seen = logged(submission.Redacting(["s3cret"]), fail)
    call.observed("an exception with the secret: the log has it", "s3cret" in seen).gives(False)
    last = seen.splitlines()[-1]
    call.observed("an exception with the secret: last line", last).gives(
        "ValueError: no such key: ***"
    )
    formatter = submission.Redacting(["s3cret"])
    record = logging.LogRecord("shop", 30, "x.py", 1, "look", (), None)
    record.stack_info = "Stack: key=s3cret"
    call.observed("a stack with the secret: formatted", formatter.format(record)).gives(
        "look\nStack: key=***"
    )
    try:
        raise ValueError("no such key: s3cret")
    except ValueError:
        record = logging.LogRecord("shop", 30, "x.py", 1, "look", (), sys.exc_info())
    logging.Formatter().format(record)
    last = formatter.format(record).splitlines()[-1]
    told = "an exception that another handler has formatted before (record.exc_text): last line"
    call.observed(told, last).gives("ValueError: no such key: ***")


def redacts_overlapping_secrets(submission, call):
    """One secret begins another or lies within it, in either order of the list."""
    for short, long in (("abc", "abcdef"), ("bc", "abcd")):
        text = f"{long} and {short}"

        def write(log: logging.Logger, text: str = text) -> None:
            log.warning(text)

        for secrets in ([short, long], [long, short]):
            seen = logged(submission.Redacting(secrets), write)
            call.observed(f"Redacting({secrets}), '{text}': written", seen).gives("*** and ***")


def takes_secrets_literally(submission, call):
    """Characters of regular expressions and of formats, and an empty secret."""
    for secret in ("p(a.s$s+", "100%s", "a\\b", "{x}", "é\u00fc", "two\nlines"):

        def write(log: logging.Logger, secret: str = secret) -> None:
            log.warning("k %s", secret)

        seen = logged(submission.Redacting([secret]), write)
        call.observed(f"Redacting([{secret!r}]), logged as an argument: written", seen).gives(
            "k ***"
        )
    seen = logged(submission.Redacting(["a.c"]), lambda log: log.warning("abc"))
    call.observed("Redacting(['a.c']), 'abc': written", seen).gives("abc")
    seen = logged(submission.Redacting(["", "s3cret"]), lambda log: log.warning("key s3cret"))
    call.observed("Redacting(['', 's3cret']), 'key s3cret': written", seen).gives("key ***")


def leaves_the_record_alone(submission, call):
    """The same record, formatted by another handler afterwards."""
    try:
        raise ValueError("no such key: s3cret")
    except ValueError:
        info = sys.exc_info()
    record = logging.LogRecord("shop", 30, "x.py", 1, "s3cret, %s", ("s3cret",), info)
    secrets = ["", "s3", "s3cret"]
    submission.Redacting(secrets).format(record)
    call.observed("the list of secrets afterwards", secrets).gives(["", "s3", "s3cret"])
    seen = (record.msg, record.args, record.getMessage())
    call.observed("the record afterwards: msg, args, message", seen).gives(
        ("s3cret, %s", ("s3cret",), "s3cret, s3cret")
    )
    plain = logging.Formatter().format(record)
    call.observed("another formatter, afterwards: last line", plain.splitlines()[-1]).gives(
        "ValueError: no such key: s3cret"
    )


# --- secret_cache ---------------------------------------------------------------------------------


class Service:
    """A secrets service that counts its requests, and a clock that stands still."""

    def __init__(self, *values: Any) -> None:
        self.values, self.calls, self.now = list(values), 0, 1000.0
        self.gate = threading.Event()
        self.gate.set()
        self.inside, self.two_inside = threading.Event(), threading.Event()
        self.lock = threading.Lock()

    def fetch(self) -> Any:
        with self.lock:
            self.calls += 1
            value = self.values[min(self.calls, len(self.values)) - 1]
            (self.two_inside if self.inside.is_set() else self.inside).set()
        assert self.gate.wait(PATIENCE), "the check did not open its gate"
        if isinstance(value, Exception):
            raise value
        return value

    def clock(self) -> float:
        return self.now

    def cache(self, submission: Any, ttl: float = 60) -> Any:
        return submission.SecretCache(self.fetch, ttl, self.clock)


def fetches_once_and_keeps_it(submission, call):
    """Nothing is fetched before it is needed, and then once."""
    service = Service("one", "two")
    service.now = 5.0
    cache = service.cache(submission)
    call.observed("before the first get(): fetches", service.calls).gives(0)
    for _ in range(3):
        call.observed("get(), while clock() gives 5.0", cache.get()).gives("one")
    service.now += 59.5
    call.observed("get() after 59.5 of 60 seconds", cache.get()).gives("one")
    call.observed("four calls of get(): fetches", service.calls).gives(1)
    seen = submission.SecretCache(Service("one").fetch, 60).get()
    call.observed("SecretCache(fetch, 60), without a clock: get()", seen).gives("one")


def fetches_again_after_ttl(submission, call):
    """At the very moment, and again later."""
    service = Service("one", "two", "three")
    cache = service.cache(submission)
    cache.get()
    service.now += 60
    call.observed("get() after 60 of 60 seconds", cache.get()).gives("two")
    service.now += 59
    call.observed("get() 59 seconds later", cache.get()).gives("two")
    service.now += 1
    call.observed("get() after another second", cache.get()).gives("three")
    call.observed("fetches", service.calls).gives(3)
    other = Service("else")
    call.observed("a second cache: get()", other.cache(submission).get()).gives("else")


def refreshes_what_failed(submission, call):
    """A login fails with a young value."""
    service = Service("old", "new", "newer")
    cache = service.cache(submission)
    cache.get()
    service.now += 30
    failed = "".join(["o", "ld"])  # equal, and another object: it came back from a login
    call.observed("refresh('old') after 30 of 60 seconds", cache.refresh(failed)).gives("new")
    call.observed("get() afterwards", cache.get()).gives("new")
    service.now += 59
    call.observed("get() 59 seconds after the refresh", cache.get()).gives("new")
    call.observed("get(), refresh('old'), get(), get(): fetches", service.calls).gives(2)
    service = Service("old", "old", "new")
    cache = service.cache(submission)
    cache.get()
    told = "refresh('old'), where the service has not rotated yet"
    call.observed(told, cache.refresh("old")).gives("old")
    call.observed(f"{told}: fetches in all", service.calls).gives(2)
    service = Service("first")
    call.observed(
        "refresh('x') with nothing fetched yet", service.cache(submission).refresh("x")
    ).gives("first")


def does_not_refresh_twice(submission, call):
    """Two logins failed with the same value; the second one comes late."""
    service = Service("old", "new", "newer")
    cache = service.cache(submission)
    cache.get()
    cache.refresh("old")
    call.observed("a second refresh('old')", cache.refresh("old")).gives("new")
    call.observed("get(), refresh('old'), refresh('old'): fetches", service.calls).gives(2)
    service.now += 60
    call.observed("refresh('old') after 60 of 60 seconds", cache.refresh("old")).gives("newer")


def in_threads(service: Service, *asks: Callable[[], Any]) -> list[Any]:
    """Ask in several threads while the service does not answer; return what each got."""
    service.gate.clear()
    service.inside.clear()
    service.two_inside.clear()
    got: list[Any] = []

    def run(ask: Callable[[], Any]) -> None:
        try:
            got.append(ask())
        except Exception as error:
            got.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(ask,), daemon=True) for ask in asks]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not service.inside.wait(0.01):
        pass
    service.two_inside.wait(OPPORTUNITY)  # time for a wrong solution to fetch again
    service.gate.set()
    until = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return got


def threads_share_one_fetch(submission, call):
    """Four threads come to an empty cache, and later, by two ways, to one that has expired."""
    service = Service("one", "two")
    cache = service.cache(submission)
    got = in_threads(service, *[cache.get] * 4)
    call.observed("get() in 4 threads, nothing fetched yet: fetches", service.calls).gives(1)
    call.observed("get() in 4 threads: results", got).gives(["one"] * 4)
    service.now += 60
    got = in_threads(service, *[cache.get, lambda: cache.refresh("one")] * 2)
    told = "get() in 2 threads and refresh('one') in 2, expired"
    call.observed(f"{told}: fetches in all", service.calls).gives(2)
    call.observed(f"{told}: results", got).gives(["two"] * 4)
    inside, gate, results = threading.Event(), threading.Event(), []

    def slow() -> str:
        inside.set()
        gate.wait(2 * PATIENCE)
        return "slow"

    first, second = submission.SecretCache(slow, 60), Service("quick").cache(submission)
    threads = [threading.Thread(target=first.get, daemon=True)]
    threads += [threading.Thread(target=lambda: results.append(second.get()), daemon=True)]
    threads[0].start()
    inside.wait(PATIENCE)
    threads[1].start()
    threads[1].join(PATIENCE)
    seen = "it waits" if not results else results[0]
    gate.set()
    threads[0].join(PATIENCE)
    call.observed("get() of a cache, while another cache fetches", seen).gives("quick")


def threads_share_one_refresh(submission, call):
    """Four logins fail at the same time."""
    service = Service("old", "new", "newer")
    cache = service.cache(submission)
    cache.get()
    got = in_threads(service, *[lambda: cache.refresh("old")] * 4)
    call.observed("refresh('old') in 4 threads: fetches in all", service.calls).gives(2)
    call.observed("refresh('old') in 4 threads: results", got).gives(["new"] * 4)


def remembers_no_error(submission, call):
    """The service fails at first, in a refresh, after `ttl`, and while threads wait."""
    down = ConnectionError("down")
    service = Service(down, "one", down, "two", down, "three")
    cache = service.cache(submission)
    for expected in ("ConnectionError", "one"):
        got: list[str] = []

        def ask(got: list[str] = got) -> None:
            try:
                got.append(cache.get())
            except Exception as error:
                got.append(type(error).__name__)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        label = "get() while the service is down" if expected != "one" else "get() afterwards"
        call.observed(label, got[0] if got else "it never returned").gives(expected)
    try:
        seen = cache.refresh("one")
    except Exception as error:
        seen = type(error).__name__
    call.observed("refresh('one') while the service is down", seen).gives("ConnectionError")
    call.observed("refresh('one') afterwards", cache.refresh("one")).gives("two")
    service.now += 60
    for expected in ("ConnectionError", "three"):
        try:
            seen = cache.get()
        except Exception as error:
            seen = type(error).__name__
        when = "while the service is down" if expected != "three" else "afterwards"
        call.observed(f"get() after 60 of 60 seconds, {when}", seen).gives(expected)
    service = Service(down, "one")
    got = in_threads(service, *[service.cache(submission).get] * 4)
    told = "get() in 4 threads, the fetch that they wait for fails"
    odd = [each for each in got if each not in ("ConnectionError", "one")]
    call.observed(f"{told}: got neither its error nor a secret", odd).gives([])
    call.observed(f"{told}: threads that came back", len(got)).gives(4)
