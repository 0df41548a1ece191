"""What runs inside the sandbox: a script, run as ``python -P -s inside.py FOLDER``, never imported.

FOLDER holds the ``task`` (checks or a proof, and the source to run), takes the ``report``, one JSON
object a line, and has the working directory, ``work``.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

# What is defined below keeps these, whatever the code does to those of its own.
globals()["__builtins__"] = vars(builtins).copy()
FOLDER = Path(sys.argv[1])
WORK = FOLDER / "work"
TASK: dict[str, Any] = json.loads((FOLDER / "task").read_text("utf-8"))
TOKEN: str = TASK.pop("token", "")  # multiprocessing's children have none
SOURCE: str = TASK["source"]
CHECKS = "names" in TASK
FILE = str(WORK / "submission.py" if CHECKS else TASK["file"])
#: Parts of pytest that no check needs and that take a third of its time to start.
UNUSED = ["cacheprovider", "terminal", "doctest", "junitxml", "pastebin", "debugging", "unittest"]
UNUSED += ["stepwise", "faulthandler", "logging", "warnings", "setuponly", "setupplan", "skipping"]
UNUSED += ["unraisableexception", "threadexception", "legacypath", "subtests", "reports"]
_OPEN, _WRITE, _CLOSE, _CHDIR, _DUMPS = os.open, os.write, os.close, os.chdir, json.dumps


def tell(**told: object) -> None:
    """Append a line to the report, whatever became of descriptors, folders and builtins."""
    report = _OPEN(FOLDER / "report", os.O_WRONLY | os.O_APPEND)
    _WRITE(report, f"{TOKEN}{_DUMPS(told)}\n".encode())
    _CLOSE(report)


def show(value: object) -> str:
    """Write a value as a Python literal, equal ones alike; what is not plain, as ``<its type>``."""
    room = 20_000

    def text(value: Any, depth: int) -> str:
        nonlocal room
        kind = type(value)
        if kind in (FunctionType, BuiltinFunctionType, type):
            return f"<{kind.__name__} {value.__name__}>"
        if kind is float:
            named = {"inf": "1e999", "-inf": "-1e999", "nan": "<nan>", "-0.0": "0.0"}
            return named.get(repr(value), repr(value))
        if kind in (type(None), bool):
            return repr(value)
        if kind not in (int, str, bytes, list, tuple, set, dict):
            return f"<{kind.__name__}>"
        room -= 1 + (value.bit_length() if kind is int else len(value))
        if room < 0 or depth > 30:
            raise OverflowError
        if kind in (int, str, bytes):
            return repr(value)
        if kind is dict:
            value = sorted((text(k, depth + 1), text(v, depth + 1)) for k, v in value.items())
            return f"{{{', '.join(f'{k}: {v}' for k, v in value)}}}"
        parts = [text(element, depth + 1) for element in value]
        if kind is list:
            return f"[{', '.join(parts)}]"
        if kind is tuple:
            return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
        return f"{{{', '.join(sorted(parts))}}}" if parts else "set()"

    try:
        return text(value, 0)
    except OverflowError:
        return f"<{type(value).__name__}, too large to show>"


def shorten(text: str) -> str:
    """Cut a text for people to read."""
    return text if len(text) <= 400 else f"{text[:400]} ... ({len(text):,} characters)"


def explain(error: BaseException) -> str:
    """Say what was raised, and in which line of the source."""
    kind, text, place = type(error).__name__, "(its text cannot be shown)", ""
    with suppress(Exception):
        text = shorten(str(error))
    if isinstance(error, SyntaxError) and error.filename == FILE:
        code, caret = (error.text or "").rstrip("\n"), " " * ((error.offset or 1) - 1) + "^"
        said = f"{kind} in line {error.lineno}: {error.msg}\n{code}\n{caret}"
        if code.lstrip().startswith(("%", "!")) or "outside" in error.msg:
            said += "\nThis cell is a module: no `%` and `!`; `await` in an `async def` alone."
        return said
    if isinstance(error, RecursionError):
        text = "it calls itself without end"  # Python's own text differs between versions
    seen: BaseException | None = error
    while seen and not place:
        for frame, number in traceback.walk_tb(seen.__traceback__):
            if frame.f_code.co_filename == FILE:
                place = f" (line {number}: `{SOURCE.splitlines()[number - 1].strip()}`)"
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, AssertionError) and not text and not place:
        text = f"`{traceback.extract_tb(error.__traceback__)[-1].line}` does not hold"
    return (text if text and kind == "AssertionError" else f"{kind}: {text}") + place


def load(name: str) -> ModuleType:
    """Run the source as a module of this name."""
    tell(doing="while the cell itself ran" if CHECKS else "while proofs.py was imported")
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = FILE
    exec(compile(SOURCE, FILE, "exec", dont_inherit=True), module.__dict__)
    return module


def finish(value: Any) -> Any:
    """Await what can be awaited."""
    import inspect

    async def wait() -> Any:
        return await value

    if not inspect.isawaitable(value):
        return value
    import asyncio

    return asyncio.run(wait())


# ---------------------------------------------------------------- checks


class Outcome:
    """What a call returned or raised, and what is expected of it."""

    def __init__(self, label: str, value: object, error: BaseException | None = None) -> None:
        self.label, self._value, self.error = label, value, error

    @property
    def value(self) -> Any:
        """What was returned, for a check that looks further."""
        if self.error:
            raise self.error
        return self._value

    def gives(self, expected: object) -> None:
        """Expect this plain value."""
        self._compare(show(expected), None)

    def raises(self, expected: type[BaseException]) -> None:
        """Expect an exception of this class."""
        raised = [each.__name__ for each in type(self.error).__mro__]
        self._compare(f"raises {expected.__name__}", raised)

    def _compare(self, expected: str, raised: list[str] | None) -> None:
        got = f"raises {explain(self.error)}" if self.error else show(self._value)
        tell(check=CALL.check, label=self.label, expected=expected, got=got, raised=raised)
        CALL.unasked = None
        if not (expected == got if raised is None else expected.removeprefix("raises ") in raised):
            raise AssertionError(f"{self.label}: not as expected")  # the sandbox says it better


class Caller:
    """The fixture ``call``."""

    module = ModuleType("submission")
    check = ""
    unasked: BaseException | None = None

    def __call__(self, name: str, /, *args: object, **kwargs: object) -> Outcome:
        """Call the learner's function of this name."""
        given = [show(each) for each in args] + [f"{k}={show(v)}" for k, v in kwargs.items()]
        label = shorten(f"{name}({', '.join(given)})")
        tell(doing=f"in {label}")
        function = getattr(self.module, name)
        try:
            return Outcome(label, finish(function(*args, **kwargs)))
        except BaseException as error:
            self.unasked = error
            return Outcome(label, None, error)

    def observed(self, label: str, value: object) -> Outcome:
        """Take a value that the check itself observed."""
        return Outcome(label, value)


CALL = Caller()


def missing(name: str) -> None:
    """Say that the learner's module defines no such name; it is that module's ``__getattr__``."""
    names = ", ".join(each for each in vars(CALL.module) if not each.startswith("_"))
    raise AttributeError(f"the cell defines no `{name}` (it defines {names or 'nothing'})")


def check() -> None:
    """Run the checks under pytest; each one that comes to its end reports."""
    import pytest

    class Plugin:
        @pytest.fixture
        def call(self) -> Caller:
            return CALL

        @pytest.fixture
        def submission(self) -> ModuleType:
            return CALL.module

        def pytest_pycollect_makeitem(self, name: str) -> list[pytest.Item] | None:
            return None if name in TASK["names"] else []

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                tell(error=f"checks.py cannot be used: {report.longrepr}")

        def pytest_runtestloop(self) -> bool | None:
            try:
                CALL.module = load("submission")
            except BaseException as error:
                tell(error=explain(error))
                return True
            vars(CALL.module).setdefault("__getattr__", missing)
            return None

        @pytest.hookimpl(wrapper=True)
        def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, None, bool]:
            CALL.check, message = pyfuncitem.name, ""
            tell(doing=f"in the check {CALL.check}")
            WORK.mkdir(exist_ok=True)
            _CHDIR(WORK)
            try:
                yield
                if CALL.unasked:
                    raise CALL.unasked
            except BaseException as error:
                message = explain(error)
            CALL.unasked = None
            tell(check=CALL.check, message=message)
            return True

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:  # in a fixture, for pytest_pyfunc_call lets nothing through
                tell(check=report.nodeid.rpartition("::")[2], message=str(report.longrepr))

    Path(FILE).write_text(SOURCE, "utf-8")
    sys.path.insert(0, str(WORK))
    # Not pytest.ini, which a pytest of a check's own, in a folder below, would take for its own.
    (FOLDER / "checks.ini").write_text("[pytest]\npython_functions = *\n")
    options = ["-c", str(FOLDER / "checks.ini"), "--noconftest", "--import-mode=importlib"]
    options += ["--capture=no", "--assert=plain", *(f"-pno:{name}" for name in UNUSED)]
    pytest.main([*options, *(f"{TASK['file']}::{name}" for name in TASK["names"])], [Plugin()])


# ---------------------------------------------------------------- a proof, and the end


def prove() -> None:
    """Run the proof, with the blocked libraries out of its reach and its children's."""
    shadows = FOLDER / "blocked"
    for library in {name.partition(".")[0] for name in TASK["blocked"]}:
        shadow = f"raise ImportError('{library} is blocked, to see whether this needs it')"
        (shadows / f"{library}.py").write_text(shadow)
        for name in [name for name in sys.modules if name.partition(".")[0] == library]:
            del sys.modules[name]
    os.environ["PYTHONPATH"] = str(shadows)
    sys.path.insert(0, str(shadows))
    function = getattr(load("proofs"), TASK["proof"])
    tell(doing=f"in {TASK['proof']}()")
    value = finish(function())
    kind = value if isinstance(value, type) else type(value)
    raised = kind.__name__ if issubclass(kind, BaseException) else None
    tell(observed=show(value), raised=raised)


def leave() -> None:
    """End the process if it has not ended by itself within a second, and say what kept it."""
    time.sleep(1)
    left = [each for each in threading.enumerate() if not each.daemon]
    tell(threads=[each.name for each in left if each is not threading.main_thread()])
    os._exit(0)


if __name__ == "__main__":  # multiprocessing imports its parent's script
    (FOLDER / "task").write_text(_DUMPS(TASK), "utf-8")
    try:
        check() if CHECKS else prove()
    except BaseException as error:
        tell(error=explain(error))
    tell(done=True, doing="while it came to its end")
    threading.Thread(target=leave, daemon=True).start()
