"""One primitive: start a process, know that it is ready, leave no orphan.

Each process runs under a watcher of its own, ``supervise.py``, which ends it and all that it has
started as soon as this process is gone, whatever the cause, ``kill -9`` included.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

import psutil

SUPERVISE = Path(__file__).with_name("supervise.py")
#: How Python runs it: where it needs nothing but the standard library, without looking for more.
ISOLATED = ["-I", "-S"] if sys.platform == "linux" else ["-I"]
INSTALL = "delete the folder .venv and run `python3 run.py lab`, or run `pip install -e .`"

#: Programs that pip cannot install, each for a section: what, and how to get it on two systems.
OPTIONAL = {
    "pgbouncer": (
        "PgBouncer, for a section of chapter 7",
        "sudo apt-get install pgbouncer",
        "brew install pgbouncer",
    ),
    "rabbitmq-server": (
        "RabbitMQ, for some cells of chapter 6",
        "sudo apt-get install rabbitmq-server",
        "brew install rabbitmq",
    ),
}
_MAKING = threading.Lock()  # of the private folder: several threads may start processes at once


class ProcessFailed(RuntimeError):
    """A process did not start, or ended before it was ready; the message ends with its log."""


class Running:
    """A process under a watcher. It ends with ``stop``, its ``with`` block, or this process.

    Parameters
    ----------
    argv, options
        As for ``subprocess.Popen``; of the options, ``env``, ``cwd`` and ``pass_fds``.
    name
        What messages call it.
    folder
        A folder of its own, removed once it and all that it started have ended.
    ready, seconds
        Asked again and again, for so many seconds, until it says True; then this returns.

    ``pid`` is its own id, not its watcher's, and ``log`` the file that holds what it printed.

    Raises
    ------
    ProcessFailed
        It could not be started, ended, or was not ready in time; the message ends with its log.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        name: str,
        folder: Path | None = None,
        ready: Callable[[Running], bool] = lambda running: True,
        seconds: float = 20.0,
        **options: Any,
    ) -> None:
        deadline, self.name = time.monotonic() + seconds, name
        handle, log = tempfile.mkstemp(".log", dir=private_folder("logs"))
        os.close(handle)
        self.log = Path(log)
        keep = ["--log", log, "--scratch", str(private_folder())]
        keep += ["--remove", str(folder)] if folder else []
        self._watcher = subprocess.Popen(
            [sys.executable, *ISOLATED, str(SUPERVISE), *keep, "--", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # what interrupts or kills the kernel's group is not for it
            **options,
        )
        self._release = weakref.finalize(self, _release, self._watcher)
        try:
            told = self._told()
            if "pid" not in told:
                raise ProcessFailed(f"{name} cannot be started: {told.get('error', 'no watcher')}")
            self.pid: int = told["pid"]
            while not ready(self):
                late = time.monotonic() > deadline
                if late or not self.alive:
                    why = f"was not ready within {seconds:g} s"
                    why = why if late else f"ended before it was ready (exit code {self.exit_code})"
                    lines = self.log_text().splitlines() or ["(it printed nothing)"]
                    lines[20:-40] = ["[...]"] if len(lines) > 60 else lines[20:-40]
                    lines = [f"{name} {why}", f"command: {shlex.join(argv)}", "its log:", *lines]
                    raise ProcessFailed("\n".join(lines))
                time.sleep(0.03)
        except BaseException:
            self._release()
            raise

    def _told(self) -> dict[str, Any]:
        assert self._watcher.stdout
        told: dict[str, Any] = json.loads(self._watcher.stdout.readline() or "{}")
        return told

    @property
    def alive(self) -> bool:
        """Whether it, or a process that it started, still runs."""
        return self._watcher.poll() is None

    @cached_property
    def _end(self) -> dict[str, Any]:
        return self._told()

    @property
    def exit_code(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return None if self.alive else self._end.get("code")

    def log_text(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def descendants(self) -> list[psutil.Process]:
        """Return the process and all that it has started, as far as they still run."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self._watcher.pid).children(recursive=True)
        return []

    def send(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal, and do not wait for what it does."""
        with suppress(ProcessLookupError):
            if self.alive:
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Wait at most so many seconds for its end; return whether it came."""
        with suppress(subprocess.TimeoutExpired):
            self._watcher.wait(seconds)
        return not self.alive

    def stop(self, seconds: float = 10.0) -> None:
        """Ask it to end (SIGTERM); after so many seconds, kill it and all that it started."""
        try:
            self.send()
            self.wait(seconds)
        finally:  # an interrupt included
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


start = Running  # `start(argv, ...)` reads better where nothing else is made of it


def _release(watcher: subprocess.Popen[bytes]) -> None:
    """Let go of a watcher, which then ends what it watches."""
    assert watcher.stdin
    with suppress(OSError, subprocess.TimeoutExpired):
        watcher.stdin.close()
        watcher.wait(15)


def bound_socket(*, listening: bool = False, reserve: bool = False) -> socket.socket:
    """Return a socket bound to a free port of 127.0.0.1, to be handed to a server.

    ``reserve`` keeps the port from all but a server that binds it itself, with ``SO_REUSEPORT`` or,
    on Linux, ``SO_REUSEADDR``.
    """
    sock = socket.socket()
    # Connections inherit it. uvicorn takes any descriptor for a Unix socket, and so would leave
    # Nagle's algorithm on: 40 ms an answer.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if reserve:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    if listening:
        sock.listen(1024)
    return sock


def owns(process: psutil.Process, port: int) -> bool:
    """Return whether this very process holds the listener on a port."""
    with suppress(psutil.Error):
        links = process.net_connections("tcp4")
        return any(link.laddr.port == port and link.status == "LISTEN" for link in links)
    return False


def listens(running: Running, port: int) -> bool:
    """Return whether one of its processes owns the listener on a port, and it answers there."""
    if any(owns(process, port) for process in running.descendants()):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    return False


def private_folder(name: str = "") -> Path:
    """Return this process's own temporary folder, or a folder in it; removed when it ends."""
    with _MAKING:
        folder = _own_folder() / name
        folder.mkdir(exist_ok=True)
    return folder


def own_temporary() -> dict[str, str]:
    """Return the variables that make a program keep its temporary files in the private folder."""
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(private_folder()))


@cache
def _own_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="workbook-"))
    watched = any(name.startswith("WORKBOOK_SUPERVISED_") for name in os.environ)
    shell = None
    if os.name == "posix" and not watched:  # a killed process can remove nothing: a shell does
        shell = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r line; rm -rf "$0"', folder],
            stdin=subprocess.PIPE,  # which ends with this process, whatever ends it
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    weakref.finalize(Running, _remove, folder, shell)
    return folder


def _remove(folder: Path, shell: subprocess.Popen[bytes] | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if shell:
        shell.communicate()


def refuse_windows(what: str) -> None:
    """Raise ProcessFailed on Windows, where ``what`` of a chapter cannot be started."""
    if sys.platform == "win32":
        raise ProcessFailed(f"the {what} of this chapter need Unix: use WSL 2 or Binder")


def find_program(name: str) -> str | None:
    """Return the path of a program: this environment's, one on PATH, or beyond a user's PATH."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    homes = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin"]
    homes += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*path, *homes]))


def how_to_get(program: str) -> str:
    """Return the command that installs one of ``OPTIONAL`` on this operating system."""
    _, debian, macos = OPTIONAL[program]
    windows = f"{debian}, inside WSL 2"
    return {"darwin": macos, "win32": windows}.get(sys.platform, debian)
