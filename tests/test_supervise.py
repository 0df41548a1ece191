"""supervise.py as a script: why it ends a command, what it reports, and that nothing is left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

SUPERVISE = Path(__file__).parent.parent / "src" / "workbook" / "supervise.py"
COOKIE = "WORKBOOK_TEST_COOKIE"
pytestmark = pytest.mark.needs_unix


def marked(cookie: str) -> list[psutil.Process]:
    """Find every process, wherever it went, that has this cookie in its environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(COOKIE) == cookie and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def eventually(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Wait until something holds; generous, because machines are busy."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Supervised:
    """A supervised Python snippet."""

    def __init__(self, script: Path, folder: Path, code: str, *options: str, **popen: Any) -> None:
        self.cookie, self.log = uuid.uuid4().hex, folder / "log"
        snippet = folder / "snippet.py"
        snippet.write_text(textwrap.dedent(code))
        limits = ["--log", str(self.log), *options]
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(script), *limits, "--", sys.executable, "-I", str(snippet)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, COOKIE: self.cookie},
            **popen,
        )
        self.pid: int = self.told()["pid"]

    def told(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def end(self, *, close: bool = False) -> dict[str, Any]:
        assert self.process.stdin
        if close:
            self.process.stdin.close()
        told = self.told()
        self.process.wait(20)
        assert marked(self.cookie) == []
        return told

    def printed(self, text: str) -> bool:
        return eventually(lambda: self.log.exists() and text in self.log.read_text())


@pytest.fixture(params=["this system's way", "by cookie"])
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The script as it is, and as it works where orphans do not come back to it."""
    if request.param == "this system's way":
        return SUPERVISE
    source = SUPERVISE.read_text()
    portable = source.replace('sys.platform == "linux"', "False")
    assert portable != source
    path = tmp_path / "supervise_by_cookie.py"
    path.write_text(portable)
    return path


@pytest.fixture
def supervised(script: Path, tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(code: str, *options: str, **popen: Any) -> Supervised:
        started.append(Supervised(script, tmp_path, code, *options, **popen))
        return started[-1]

    yield start
    for each in started:
        assert each.process.stdin
        each.process.stdin.close()
        each.process.wait(30)


ORPHAN = """
    import os, time
    def hide():
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                print("hidden", flush=True)
                time.sleep(600)
            os._exit(0)
        os.wait()
"""


def test_an_ordinary_end_is_reported_with_its_exit_code(supervised: Any) -> None:
    run = supervised("print('hello'); import sys; sys.exit(3)")
    assert run.end() == {"ended": "exit", "code": 3, "left": 0}
    assert run.log.read_text() == "hello\n"


def test_a_signal_is_reported_as_a_negative_code(supervised: Any) -> None:
    run = supervised("import os; os.kill(os.getpid(), 11)")
    assert run.end() == {"ended": "exit", "code": -signal.SIGSEGV, "left": 0}


def test_a_command_that_does_not_exist_is_one_clear_error(tmp_path: Path) -> None:
    argv = [sys.executable, "-I", str(SUPERVISE), "--log", str(tmp_path / "log"), "--", "no-such"]
    done = subprocess.run(argv, stdin=subprocess.PIPE, capture_output=True, check=True)
    assert json.loads(done.stdout) == {"error": "no-such: No such file or directory"}


def test_what_the_command_leaves_behind_is_counted_and_killed(supervised: Any) -> None:
    run = supervised(ORPHAN + "\n    hide(); hide(); print('gone')")
    assert run.end() == {"ended": "exit", "code": 0, "left": 2}


def test_standard_input_is_empty(supervised: Any) -> None:
    run = supervised("import sys; print(repr(sys.stdin.read()))")
    assert run.end()["code"] == 0
    assert run.log.read_text() == "''\n"


def test_letting_go_asks_first(supervised: Any) -> None:
    run = supervised("""
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(7)))
        print("up", flush=True)
        time.sleep(600)
    """)
    assert run.printed("up")
    assert run.end(close=True) == {"ended": "owner", "code": 7, "left": 0}
    assert run.log.read_text() == "up\nbye\n"


def test_letting_go_kills_what_does_not_listen_and_what_hid(supervised: Any) -> None:
    run = supervised(
        ORPHAN
        + """
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hide()
    time.sleep(600)
    """,
        "--grace",
        "0.2",
    )
    assert run.printed("hidden")
    assert run.end(close=True) == {"ended": "owner", "code": -signal.SIGKILL, "left": 2}


def test_an_owner_killed_with_sigkill_takes_everything_along(script: Path, tmp_path: Path) -> None:
    """Even when a fork of the owner still holds the pipe."""
    cookie, snippet, log = uuid.uuid4().hex, tmp_path / "snippet.py", tmp_path / "log"
    log.touch()
    snippet.write_text(textwrap.dedent(ORPHAN) + "hide(); time.sleep(600)")
    argv = [sys.executable, "-I", str(script), "--log", str(log), "--grace", "0.2"]
    argv += ["--", sys.executable, "-I", str(snippet)]
    code = f"""
import os, subprocess, time
p = subprocess.Popen({argv!r}, stdin=subprocess.PIPE, start_new_session=True)
if os.fork() == 0:
    os.environ.pop({COOKIE!r})
    time.sleep(30)
    os._exit(0)
time.sleep(600)
"""
    environment = {**os.environ, COOKIE: cookie}
    owner = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL
    )
    fork = None
    try:
        assert eventually(lambda: "hidden" in log.read_text())
        children = psutil.Process(owner.pid).children()
        fork = next(p for p in children if str(script) not in p.cmdline())
    finally:
        owner.kill()
        owner.wait()
    assert eventually(lambda: [p for p in marked(cookie) if p != fork] == [])
    fork.kill()


def test_signals_to_the_script_do_not_make_it_leave_something(supervised: Any) -> None:
    run = supervised(ORPHAN + "\n    hide(); time.sleep(600)", "--grace", "0.2")
    assert run.printed("hidden")
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGINT):
        run.process.send_signal(number)
    assert not eventually(lambda: run.process.poll() is not None, 0.5)
    run.process.send_signal(signal.SIGTERM)
    assert run.end()["ended"] == "owner"


def test_the_command_can_be_interrupted_as_if_it_ran_alone(supervised: Any) -> None:
    run = supervised("import time; print('up', flush=True); time.sleep(600)")
    assert run.printed("up")
    os.kill(run.pid, signal.SIGINT)
    assert run.end()["code"] == -signal.SIGINT
    assert "KeyboardInterrupt" in run.log.read_text()


LIMITS = {
    "seconds": ("while True: pass", ["--seconds", "0.5"]),
    "memory": ("x = []\nwhile True: x.append(b'x' * 10**6)", ["--memory-mb", "100"]),
    "output": ("while True: print('x' * 1000)", ["--output-bytes", "5000"]),
    "processes": (
        "import os, time\nfor _ in range(12): os.fork() or time.sleep(600)\ntime.sleep(600)",
        ["--processes", "8"],
    ),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_ends_the_command_by_name(supervised: Any, limit: str) -> None:
    code, options = LIMITS[limit]
    run = supervised(code, "--grace", "0", "--seconds", "60", *options)
    told = run.end()
    assert (told["ended"], told["code"]) == (limit, -signal.SIGKILL)


def test_memory_is_that_of_the_whole_tree(supervised: Any) -> None:
    code = """
        import os, time
        for _ in range(4):
            if os.fork() == 0: break
        x = b"x" * 40_000_000
        time.sleep(600)
    """
    run = supervised(code, "--grace", "0", "--seconds", "60", "--memory-mb", "120")
    assert run.end()["ended"] == "memory"


def test_output_is_cut_at_the_limit_even_by_a_command_that_ends_at_once(supervised: Any) -> None:
    run = supervised("print('x' * 50_000)", "--output-bytes", "1000")
    assert run.end()["ended"] == "output"
    assert run.log.read_text() == "x" * 1000


@pytest.mark.parametrize("trick", ["", "os.setsid()"])
def test_a_fork_bomb_is_put_out(tmp_path: Path, trick: str) -> None:
    """The bomb of this test has at most 2,048 processes and a minute, should the script fail."""
    bomb = f"""
        import os, time
        end, generation = time.time() + 60, 0
        while time.time() < end and generation < 11:
            generation += 1
            if os.fork() == 0:
                {trick or "pass"}
        time.sleep(max(0, end - time.time()))
    """
    options = ["--seconds", "30", "--grace", "0", "--memory-mb", "512", "--processes", "64"]
    run = Supervised(SUPERVISE, tmp_path, bomb, *options)
    assert run.end()["left"] > 0


def test_many_processes_give_way_to_the_script_before_they_are_too_many(supervised: Any) -> None:
    code = "import os, time\nfor _ in range(5): os.fork() or time.sleep(600)\ntime.sleep(600)"
    run = supervised(code, "--processes", "16", "--grace", "0")
    first, own = psutil.Process(run.pid), psutil.Process().nice()
    assert eventually(lambda: [p.nice() for p in (first, *first.children())] == [19] * 6)
    assert psutil.Process(run.process.pid).nice() == own
    assert run.end(close=True)["left"] == 6


def test_a_passed_socket_is_the_commands_alone(supervised: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        run = supervised(
            f"""
            import os, socket, time
            socket.socket(fileno={server.fileno()}).close()
            print("closed", flush=True)
            time.sleep(600)
            """,
            pass_fds=[server.fileno()],
        )
        address = server.getsockname()
    assert run.printed("closed")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
    run.end(close=True)
