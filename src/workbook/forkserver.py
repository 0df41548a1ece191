"""Starts the sandbox's runs on Linux without starting Python anew: a script, never imported.

    python -P -s forkserver.py DESCRIPTOR

DESCRIPTOR is one end of a socket pair. Each message on it is an order in JSON, ``{"argv": [...],
"cwd": ..., "env": {...}, "unloaded": [...]}``, with two descriptors: the standard input and output
of a supervisor. This process, which has imported what most checks need, forks the supervisor, which
is ``supervise.py`` with ``argv``, and that one forks the process that it limits, ``inside.py``.
Both find what they would find as commands: arguments, environment, working directory, descriptors,
signals, ``__main__``. Where one of ``unloaded`` has been imported, ``inside.py`` is a command.

The output of a supervisor comes to its end once all that it started is dead, were it killed itself.
This process ends with the one that started it.
"""

import asyncio  # noqa: F401 (imported for the runs)
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import fastapi.testclient  # noqa: F401
import sqlalchemy.ext.asyncio
import sqlalchemy.orm  # noqa: F401
from _pytest.config import get_config

from workbook import scratch, systems  # noqa: F401

HERE = Path(__file__).parent
#: A descriptor of each supervisor's own: at its end the other end of the pipe can be read.
LIFE = 3


def load(name: str) -> ModuleType:
    """Import a script of this folder, which is not on the import path."""
    spec = spec_from_file_location(name, HERE / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Started(BaseException):
    """Raised in the process that a supervisor started, to leave the supervisor's stack behind."""


class Forked:
    """What ``subprocess.Popen`` is to a supervisor, made by forking."""

    def __init__(self, argv: list[str], env: dict[str, str], **_: object) -> None:
        source, output = os.pipe()
        self.pid, self.returncode = os.fork(), 0
        if not self.pid:
            os.setsid()
            empty = os.open(os.devnull, os.O_RDONLY)
            for number, descriptor in enumerate((empty, output, output)):
                os.dup2(descriptor, number)
            for descriptor in (empty, output, source, LIFE):
                os.close(descriptor)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.environ.update(env)
            raise Started(argv)
        os.close(output)
        self.stdout = open(source, "rb", 0)  # noqa: PTH123, SIM115

    def wait(self) -> int:
        """Wait for its end; return its exit code, negative for a signal."""
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def end_orphans(supervise: ModuleType, supervisors: set[int]) -> None:
    """Kill what a killed supervisor left, and wait for what is dead: it became a child of this."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        mine = [pid for pid, parent, *_ in supervise.read_proc() if parent == os.getpid()]
        orphans = set(mine) - supervisors
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        if not orphans:
            return


def fork_supervisors(orders: socket.socket, supervise: ModuleType) -> dict[str, Any]:
    """Fork a supervisor for each message; return the message, in the supervisor."""
    owner = os.getppid()
    runs: dict[int, tuple[int, int]] = {}  # by what tells its end: pid, and its output, held open
    while True:
        ready, _, _ = select.select([orders.fileno(), *runs], [], [], 1.0)
        if os.getppid() != owner:
            sys.exit()
        for life in runs.keys() & ready:
            pid, output = runs.pop(life)
            with suppress(ChildProcessError):  # end_orphans may have waited for it
                os.waitpid(pid, 0)
            end_orphans(supervise, {pid for pid, _ in runs.values()})
            os.close(output)
            os.close(life)
        if orders.fileno() not in ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(orders, 2**20, 2)
        if not message:
            sys.exit()
        life, ends = os.pipe()
        if not (pid := os.fork()):
            os.setsid()
            orders.detach()
            for number, descriptor in enumerate([*descriptors, 2, ends]):
                os.dup2(descriptor, number, inheritable=number < LIFE)
            os.closerange(LIFE + 1, 1024)  # more than select could look at
            order: dict[str, Any] = json.loads(message)
            return order
        runs[life] = pid, descriptors[1]
        os.close(descriptors[0])
        os.close(ends)


def main() -> CodeType:
    """Import, then fork supervisors; return, in a process that one started, what it is to run."""
    get_config()  # imports pytest's own plugins
    supervise, path = load("supervise"), HERE / "inside.py"
    inside = compile(path.read_bytes(), path, "exec", dont_inherit=True)
    supervise.adopt_orphans()
    gc.collect()
    gc.freeze()
    order = fork_supervisors(socket.socket(fileno=int(sys.argv[1])), supervise)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    time.tzset()
    tempfile.tempdir = None
    sys.argv = ["supervise.py", *order["argv"]]
    try:
        supervise.main(Forked)
    except Started as started:
        argv: list[str] = started.args[0]
        if not sys.modules.keys().isdisjoint(order["unloaded"]):
            os.execv(argv[0], argv)
        sys.argv = argv[argv.index(str(path)) :]
        return inside
    os._exit(0)


if __name__ == "__main__":
    code = main()
    # This module is kept: what it defines still runs while the process ends.
    this, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    sys.modules["__main__"].__file__ = code.co_filename
    exec(code, vars(sys.modules["__main__"]))
