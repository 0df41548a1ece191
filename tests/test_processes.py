"""Processes start, are ready when they say so, and leave nothing behind."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workbook.processes import ProcessFailed, Running, bound_socket, listens, owns, private_folder

pytestmark = pytest.mark.needs_unix

FOREVER = "import time; time.sleep(600)"

#: A process, its child, and a daemon that has left the session and lost its parent.
FAMILY = """
import os, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
os.wait()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("ready", flush=True)
time.sleep(600)
"""


def python(code: str) -> list[str]:
    """Return the command that runs some Python."""
    return [sys.executable, "-c", textwrap.dedent(code)]


def says(text: str) -> Callable[[Running], bool]:
    """Return a `ready` that waits for a text in the log."""
    return lambda running: text in running.log_text()


def gone(pids: list[int], seconds: float = 60.0) -> bool:
    """Wait until none of these processes is left; zombies do not count."""

    def left(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + seconds
    while any(map(left, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(left, pids))


# ---------------------------------------------------------------- one process


def test_a_process_runs_and_its_end_is_known() -> None:
    running = Running(python("print('hello'); raise SystemExit(3)"), name="greeter")
    assert running.wait(60)
    assert (running.alive, running.exit_code) == (False, 3)
    assert running.log_text() == "hello\n"


def test_the_pid_is_the_processs_own() -> None:
    with Running(
        python("import os, time; print(os.getpid(), flush=True); time.sleep(600)"),
        name="sleeper",
        ready=says("\n"),
    ) as running:
        assert running.alive
        assert running.exit_code is None
        assert running.pid == int(running.log_text())
        assert [one.pid for one in running.descendants()] == [running.pid]
    assert (running.alive, running.exit_code) == (False, -signal.SIGTERM)
    assert running.descendants() == []


def test_environment_and_folder_reach_the_process(tmp_path: Path) -> None:
    code = "import os; print(os.environ['COLOUR'], os.getcwd())"
    env = {**os.environ, "COLOUR": "red"}
    running = Running(python(code), name="painter", env=env, cwd=tmp_path)
    assert running.wait(60)
    assert running.log_text() == f"red {tmp_path.resolve()}\n"


def test_an_end_before_it_is_ready_is_an_error_with_the_log() -> None:
    with pytest.raises(ProcessFailed) as failed:
        Running(
            python("print('no such database'); raise SystemExit(7)"),
            name="shop",
            ready=says("never"),
        )
    told = str(failed.value)
    assert told.startswith("shop ended before it was ready (exit code 7)")
    assert "SystemExit(7)" in told, "the command"
    assert told.endswith("no such database")


def test_an_error_shows_the_two_ends_of_a_long_log() -> None:
    with pytest.raises(ProcessFailed) as failed:
        Running(
            python("for n in range(1000): print(f'line {n}.')"), name="chatter", ready=says("never")
        )
    assert "its log:\nline 0.\n" in str(failed.value)
    assert "line 19.\n[...]\nline 960." in str(failed.value)
    assert str(failed.value).endswith("line 999.")


def test_what_is_not_ready_in_time_is_an_error_and_is_ended() -> None:
    seen: list[int] = []

    def ready(running: Running) -> bool:
        seen.append(running.pid)
        return False

    with pytest.raises(ProcessFailed, match=r"sleeper was not ready within 0.2 s"):
        Running(python(FOREVER), name="sleeper", ready=ready, seconds=0.2)
    assert gone(seen)


def test_an_error_while_waiting_ends_the_process() -> None:
    seen: list[int] = []

    def ready(running: Running) -> bool:
        seen.append(running.pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Running(python(FOREVER), name="sleeper", ready=ready)
    assert gone(seen)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ProcessFailed, match=r"broker cannot be started: .*no-such-program"):
        Running(["no-such-program"], name="broker")


# ---------------------------------------------------------------- its end


def test_stop_ends_the_whole_family_and_may_be_repeated() -> None:
    running = Running(python(FAMILY), name="family", ready=says("ready"))
    pids = [one.pid for one in running.descendants()]
    assert len(pids) == 3
    running.stop()
    assert gone(pids)
    running.stop()
    assert not running.alive


def test_stop_kills_what_ignores_sigterm() -> None:
    code = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf", flush=True)
        time.sleep(600)
    """
    running = Running(python(code), name="deaf", ready=says("deaf"))
    running.stop(0.1)
    assert running.exit_code == -signal.SIGKILL


def test_a_signal_can_be_sent_without_waiting() -> None:
    code = """
        import signal, sys, time
        signal.signal(signal.SIGUSR1, lambda *_: sys.exit(5))
        print("ready", flush=True)
        time.sleep(600)
    """
    running = Running(python(code), name="listener", ready=says("ready"))
    running.send(signal.SIGUSR1)
    assert running.wait(60)
    assert running.exit_code == 5
    running.send(signal.SIGUSR1)  # to nobody


def test_a_with_block_ends_it_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), Running(python(FOREVER), name="sleeper") as running:
        raise ZeroDivisionError
    assert gone([running.pid])


def test_a_forgotten_process_ends() -> None:
    running = Running(python(FOREVER), name="sleeper")
    pid = running.pid
    del running
    gc.collect()
    assert gone([pid])


def test_an_interrupt_of_the_owners_group_does_not_reach_it() -> None:
    with Running(python(FOREVER), name="sleeper") as running:
        assert os.getpgid(running.pid) != os.getpgid(0)
        watcher = psutil.Process(running.pid).parent()
        assert watcher is not None
        assert os.getpgid(watcher.pid) != os.getpgid(0)


OWNER = f"""
import signal, sys, time
from workbook.processes import Running
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
running = Running(
    [sys.executable, "-c", {FAMILY!r}],
    name="family",
    ready=lambda running: "ready" in running.log_text(),
)
print(*[one.pid for one in running.descendants()], flush=True)
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], list[int]]]]:
    """Start a process that owns a family of three, then goes on as told."""
    owners: list[subprocess.Popen[str]] = []

    def make(then: str) -> tuple[subprocess.Popen[str], list[int]]:
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER + then],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},  # a killed owner leaves its folder
        )
        owners.append(process)
        assert process.stdout
        return process, [int(pid) for pid in process.stdout.readline().split()]

    yield make
    for process in owners:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("then", ["", "sys.exit(3)", "1 / 0", "import os; os._exit(0)"])
def test_nothing_outlives_its_owners_own_end(
    owner: Callable[[str], tuple[subprocess.Popen[str], list[int]]], then: str
) -> None:
    _, pids = owner(then)
    assert len(pids) == 3
    assert gone(pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_nothing_outlives_an_owner_that_is_killed(
    owner: Callable[[str], tuple[subprocess.Popen[str], list[int]]],
    number: signal.Signals,
    kill: Callable[[int, int], None],
) -> None:
    process, pids = owner("time.sleep(600)")
    assert len(pids) == 3
    kill(process.pid, number)
    assert gone(pids)


# ---------------------------------------------------------------- ports


def test_a_bound_socket_is_on_loopback_and_answers_without_delay() -> None:
    with bound_socket() as sock:
        assert sock.getsockname()[0] == "127.0.0.1"
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(sock.getsockname(), timeout=5)
    with bound_socket(listening=True) as sock:
        socket.create_connection(sock.getsockname(), timeout=5).close()


def test_a_reserved_port_is_kept_from_others_but_not_from_the_server() -> None:
    with bound_socket(reserve=True) as sock, socket.socket() as stranger, socket.socket() as server:
        with pytest.raises(OSError, match="in use"):
            stranger.bind(sock.getsockname())
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(sock.getsockname())
        server.listen()
        with socket.create_connection(sock.getsockname(), timeout=5):
            server.accept()[0].close()


def test_a_listener_counts_only_where_one_of_our_processes_owns_it() -> None:
    code = """
        import socket, sys, time
        sock = socket.socket(fileno=int(sys.argv[1]))
        sock.listen()
        print("listening", flush=True)
        time.sleep(600)
    """
    with bound_socket() as sock, bound_socket(listening=True) as ours:
        port, other = sock.getsockname()[1], ours.getsockname()[1]
        with Running(
            [*python(code), str(sock.fileno())],
            name="server",
            ready=says("listening"),
            pass_fds=[sock.fileno()],
        ) as running:
            assert listens(running, port)
            assert owns(running.descendants()[0], port)
            assert not listens(running, other), "this test process owns that one"
        assert not listens(running, port)


def test_the_watcher_keeps_no_copy_of_a_passed_socket() -> None:
    code = "import os, sys, time; os.close(int(sys.argv[1])); print('closed', flush=True)"
    with bound_socket(listening=True) as sock:
        name = sock.getsockname()
        running = Running(
            [*python(f"{code}; time.sleep(600)"), str(sock.fileno())],
            name="closer",
            ready=says("closed"),
            pass_fds=[sock.fileno()],
        )
    with running, pytest.raises(ConnectionRefusedError):
        socket.create_connection(name, timeout=5)


# ---------------------------------------------------------------- files


def test_the_private_folder_is_ours_alone_and_goes_with_us() -> None:
    code = """
        from workbook.processes import private_folder
        (private_folder("modules") / "shop.py").write_text("x = 1")
        assert private_folder("modules") == private_folder("modules")
        print(private_folder())
    """
    done = subprocess.run(python(code), check=True, stdout=subprocess.PIPE, text=True)
    made = Path(done.stdout.strip())
    assert made.name.startswith("workbook-")
    assert made != private_folder()
    assert not made.exists()
    assert private_folder().stat().st_mode & 0o777 == 0o700


def test_the_private_folder_of_a_killed_process_goes_too() -> None:
    code = """
        import time
        from workbook.processes import private_folder
        print(private_folder("modules"), flush=True)
        time.sleep(600)
    """
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        made = Path(owner.stdout.readline().strip())
        assert made.is_dir()
        owner.kill()
    deadline = time.monotonic() + 60
    while made.parent.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not made.parent.exists()
