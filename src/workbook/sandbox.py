"""Runs learner code against checks, and proofs, in a limited process of their own.

It protects a learner from accidents: an endless loop, memory that fills up, a process left behind.
It is no security boundary: what runs here may do all that its user may. ``supervise.py`` enforces
the limits and says where an operating system cannot; ``inside.py`` is what runs. On Linux both are
forked by ``forkserver.py``, which has done most of their imports; elsewhere Python starts for each.

A check is a pytest function in ``checks.py`` with the fixture ``call`` and, where it needs the
learner's module itself, ``submission``::

    def squares_numbers(call):
        call("square", 3).gives(9)                  # a coroutine function is awaited
        call("square", "x").raises(TypeError)
        call.observed("status of GET /", 200).gives(200)

Only **plain values** are equal: None, bool, int, float, str, bytes, list, tuple, set and dict, of
exactly these types, down to the last element. Inside, each is written as a Python literal, equal
ones alike; the process outside compares the texts. Anything else, and anything huge, is written
``<its type>``, which is no literal and so equals nothing.
"""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

HERE = Path(__file__).parent
#: Where fork is safe; elsewhere each run starts Python anew.
FORKS = sys.platform == "linux"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
F = TypeVar("F", bound=Callable[..., Any])
#: How many processes a run may have at a time.
PROCESSES = 100
#: Seconds beyond its limit after which a run's supervisor, which takes one or two, is given up.
PATIENCE = 15
#: What a run sees of its owner's environment, and what it gets besides.
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "COMSPEC", "PATHEXT", "LD_LIBRARY_PATH")
GIVEN = dict.fromkeys(("PYTHONUTF8", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE"), "1")
GIVEN |= {"PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0", "WORKBOOK_RECORD": "0"}
GIVEN |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@dataclass(frozen=True)
class Limits:
    """What a run may use: wall clock, memory of all its processes (MiB), printed bytes."""

    seconds: float = 10.0
    memory_mb: int = 512
    output_bytes: int = 1_000_000


@dataclass
class Call:
    """One thing that a check looked at: what was called, what was expected, what came."""

    label: str
    expected: str
    got: str
    ok: bool


@dataclass
class Check:
    """How one check went; ``message`` says what is wrong."""

    name: str
    passed: bool = False
    message: str = ""
    calls: list[Call] = field(default_factory=list)


@dataclass
class Verdict:
    """How a run went; ``failure`` says what ended it early or what it left behind, if anything."""

    passed: bool
    failure: str | None
    checks: list[Check]
    output: str
    seconds: float


@dataclass
class Observation:
    """What a proof returned: JSON-like and as a Python literal, or the name of an exception."""

    value: Any = None
    literal: str | None = None
    raised: str | None = None
    error: str | None = None
    output: str = ""


def run_checks(
    source: str, checks_file: Path, names: Sequence[str], limits: Limits = Limits()
) -> Verdict:
    """Run the checks of these names in ``checks_file`` on the source of a learner's cell.

    The verdict comes from what the run reported, check by check, and from nothing that the source
    prints or returns to the system: a check that did not report has not passed.
    """
    task = {"source": source, "file": str(checks_file.resolve()), "names": list(names)}
    run = _Run(task, limits)
    checks = {name: Check(name) for name in names}
    for told in run.told:
        check = checks.get(told.get("check", ""))
        if check and "expected" in told:
            call = Call(told["label"], told["expected"], told["got"], _agree(**told))
            check.calls.append(call)
            if not call.ok:
                expected, got = shorten(call.expected), shorten(call.got)
                check.message = f"{call.label}: expected {expected}, got {got}"
        elif check:
            check.message = check.message or told["message"]
            check.passed = not check.message
    failure = run.failure()
    for check in checks.values():
        if not check.passed and not check.message:
            check.message = "It did not come to its end."
            failure = failure or f"The check {check.name} did not come to its end."
    passed = failure is None and all(check.passed for check in checks.values())
    return Verdict(passed, failure, list(checks.values()), run.output, run.seconds)


def shorten(text: str, most: int = 400) -> str:
    """Cut a text for people to read."""
    return text if len(text) <= most else f"{text[:most]} ... ({len(text):,} characters)"


def _agree(expected: str, got: str, raised: list[str] | None, **_: str) -> bool:
    """Judge a call: the expected exception among those raised, or the same plain value."""
    if raised is not None:
        return expected.removeprefix("raises ") in raised
    try:
        ast.literal_eval(expected)
    except (ValueError, SyntaxError):
        return False
    return expected == got


def proof(*libraries: str, needs: str = "") -> Callable[[F], F]:
    """Mark a function of ``proofs.py`` as a proof about libraries, given by their import names.

    ``needs`` names a program that pip cannot install: tests leave the proof out without it.
    """

    def mark(function: F) -> F:
        function.libraries, function.needs = libraries, needs  # type: ignore[attr-defined]
        return function

    return mark


def run_proof(
    proofs_file: Path,
    name: str,
    limits: Limits = Limits(seconds=60, memory_mb=2048),
    blocked: Sequence[str] = (),
) -> Observation:
    """Run the proof of this name in ``proofs_file`` and return what it observed.

    ``blocked`` are libraries whose import raises ImportError, in the proof and in each process that
    it starts (but for one that ignores PYTHONPATH): a proof that still succeeds never touched them.
    """
    file = proofs_file.resolve()
    source = file.read_text("utf-8")
    task = {"source": source, "file": str(file), "proof": name, "blocked": list(blocked)}
    run = _Run(task, limits)
    observation = Observation(error=run.failure(left_over=False), output=run.output)
    if observation.error is None:
        told = next(told for told in run.told if "observed" in told)
        observation.raised, literal = told["raised"], told["observed"]
        try:
            observation.value = observation.raised or _json(ast.literal_eval(literal))
            observation.literal = None if observation.raised else literal
        except (ValueError, SyntaxError):
            observation.error = f"{name}() returned {literal}, which is no plain value"
    return observation


def _kept() -> dict[str, str]:
    """Return the environment of a run, but for its folders."""
    return GIVEN | {name: os.environ[name] for name in KEPT if name in os.environ}


def _json(value: Any) -> Any:
    """Turn a plain value into JSON's kinds: tuple to list, set to sorted list, bytes to str."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return {k if isinstance(k, str) else repr(k): _json(v) for k, v in value.items()}
    if isinstance(value, set):
        value = sorted(value, key=repr)
    return [_json(element) for element in value] if isinstance(value, list | tuple) else value


class _ForkServer:
    """``forkserver.py``, which saves each run the half second that its imports would take."""

    current: _ForkServer | None = None
    lock = threading.Lock()

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-s", HERE / "forkserver.py", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_kept(),
                start_new_session=True,
            )

    @classmethod
    def take(cls, order: bytes, descriptors: list[int]) -> subprocess.Popen[bytes]:
        """Hand the server an order; return it, a new one where this process has none that runs.

        Raises OSError where not even a new one takes the order.
        """
        with cls.lock:
            server = cls.current
            if server and server.owner == os.getpid() and server.process.poll() is None:
                with suppress(OSError):
                    socket.send_fds(server.orders, [order], descriptors)
                    return server.process
            cls.current = server = cls()
            socket.send_fds(server.orders, [order], descriptors)
            return server.process


def _fork(order: dict[str, Any]) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """Have a supervisor forked; return the fork server, and the supervisor's input and output."""
    stdin, hold = os.pipe()
    source, stdout = os.pipe()
    ours = open(hold, "wb", 0), open(source, "rb", 0)  # noqa: PTH123, SIM115
    try:
        try:
            return _ForkServer.take(json.dumps(order).encode(), [stdin, stdout]), *ours
        finally:
            os.close(stdin)
            os.close(stdout)
    except BaseException:  # an interrupt may come when the order has been taken
        ours[0].close()
        ours[1].read()
        raise


def _spawn(order: dict[str, Any]) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """Start a supervisor as a command; return it, its input and its output."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(HERE / "supervise.py"), *order["argv"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=order["cwd"],
        env=order["env"],
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    return process, process.stdin, process.stdout


class _Run:
    """One supervised run: what it told and printed, how it ended, how long it took (seconds)."""

    def __init__(self, task: dict[str, Any], limits: Limits) -> None:
        self.limits, began = limits, time.monotonic()
        unloaded = [name.partition(".")[0] for name in task.get("blocked", ())]
        with tempfile.TemporaryDirectory(prefix="workbook-", ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            folder.chmod(0o711)  # a database does not run as root, and must reach its data
            for each in ("work", "tmp", "blocked"):
                (folder / each).mkdir()
            token = secrets.token_hex()  # what the code itself writes into the report lacks it
            (folder / "task").write_text(json.dumps(task | {"token": token}), "utf-8")
            self.ended, texts = self._supervise(folder, unloaded), ["", ""]
            for i, each in enumerate(("log", "report")):
                with suppress(OSError):  # the code may have removed it
                    texts[i] = self._tidy((folder / each).read_text("utf-8", "replace"), folder)
        self.output, report = texts
        lines = report.split("\n")[:-1]
        genuine = [line.removeprefix(token) for line in lines if line.startswith(token)]
        self.told: list[dict[str, Any]] = [json.loads(line) for line in genuine]
        self.forged = len(genuine) < len(lines) or not lines
        self.seconds = time.monotonic() - began

    def _supervise(self, folder: Path, unloaded: list[str]) -> dict[str, Any]:
        """Run the task in the folder to its end; whatever interrupts the waiting ends the run."""
        (folder / "report").touch()
        (folder / "log").touch()
        options = {
            "--log": folder / "log",
            "--grace": 0,
            "--seconds": self.limits.seconds,
            "--memory-mb": self.limits.memory_mb,
            "--output-bytes": self.limits.output_bytes,
            "--processes": PROCESSES,
        }
        python, given = sys.executable, [part for pair in options.items() for part in pair]
        argv = [*given, "--", python, "-P", "-s", HERE / "inside.py", folder]
        environment = _kept() | dict.fromkeys(("HOME", "USERPROFILE"), str(folder / "work"))
        environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
        order: dict[str, Any] = {"argv": [str(each) for each in argv], "env": environment}
        order |= {"cwd": str(folder / "work"), "unloaded": unloaded}
        process, hold, source = (_fork if FORKS else _spawn)(order)
        told: dict[str, Any] = {}
        done = threading.Event()  # an interrupted Thread.join takes the thread for ended

        def read() -> None:
            with suppress(ValueError):  # closed by a second interrupt
                for line in source:
                    told.update(json.loads(line))
            done.set()

        threading.Thread(target=read, daemon=True).start()
        given_up = time.monotonic() + self.limits.seconds + PATIENCE
        with hold, source:
            try:
                while not done.wait(0.2):  # and asked anew, so that Windows can interrupt it
                    if time.monotonic() > given_up:  # the code may have stopped it, or the server
                        given_up += 5
                        with suppress(ProcessLookupError):
                            os.kill(told.pop("supervisor", process.pid), KILL)
            finally:
                hold.close()
                done.wait(20)
                if not FORKS:
                    process.wait(20)
        return told if "ended" in told else self._abandoned(told, folder)

    @staticmethod
    def _abandoned(told: dict[str, Any], folder: Path) -> dict[str, Any]:
        """End what is left of a run whose supervisor was killed: each process knows the folder."""
        import psutil

        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("TMPDIR", "").startswith(str(folder / "tmp")):
                    process.kill()
        return {"error": "its supervisor was killed", **told}

    @staticmethod
    def _tidy(text: str, folder: Path) -> str:
        """Leave out what changes from run to run: the folder, and addresses."""
        for place, name in ((folder / "work" / "submission.py", "your code"), (folder, "...")):
            text = text.replace(json.dumps(str(place))[1:-1], name).replace(str(place), name)
        return re.sub(r"\b0x[0-9a-fA-F]{6,}", "0x...", text)

    def failure(self, left_over: bool = True) -> str | None:
        """Say what ended the run early or (``left_over``) what it left behind, if anything."""
        told = {name: value for each in self.told for name, value in each.items()}
        limits, code = self.limits, self.ended.get("code") or 0
        exceeded = {
            "seconds": f"Stopped after {limits.seconds:g} s",
            "memory": f"Stopped at more than {limits.memory_mb:,} MB of memory",
            "processes": f"Stopped at more than {PROCESSES} processes",
            "output": f"Stopped at more than {limits.output_bytes:,} bytes of printed output",
        }
        if "error" in self.ended:
            return f"The sandbox did not work: {self.ended['error']}."
        if self.forged:
            return "The code changed the sandbox's own files."
        if "error" in told:
            return str(told["error"])
        why = exceeded.get(self.ended["ended"])
        if why or "done" not in told:
            name = next(
                (each.name for each in signal.Signals if each == -code), f"exit code {code}"
            )
            return f"{why or f'The process ended ({name})'}, {told.get('doing', 'at its start')}."
        if left_over and told.get("threads"):
            return f"A thread was left running: {', '.join(told['threads'])}."
        if left_over and self.ended["left"]:
            return f"A process was left running ({self.ended['left']} in all)."
        return None
