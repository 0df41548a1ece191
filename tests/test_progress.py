"""Nothing recorded is lost; what goes wrong is one message that says what to do."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook import progress, systems
from workbook.progress import Event, Log, ProgressError

UUID = "0b6ec9b4-7c3f-4a51-8a70-3c1f5d0e9a{:02x}"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def answer(number: int = 0, **changes: Any) -> Event:
    """Return the event ``number`` of a sequence; later numbers are later."""
    given = {"kind": "answer", "subject": "wsgi_and_asgi/lifespan", "data": {"answer": number}}
    at = NOON + timedelta(seconds=number)
    return Event(**{**given, "id": UUID.format(number), "at": at, **changes})


def url_of(file: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(file))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with systems.postgres() as database:
        yield database.url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_unix)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], sa.URL]:
    """Return a function that gives the URL of a database without a log."""
    count = iter(range(99))

    def address() -> sa.URL:
        name = f"log{next(count)}"
        if request.param == "sqlite":
            return url_of(tmp_path / name / "progress.db")
        url = sa.make_url(request.getfixturevalue("server"))
        name = f"{name}_{os.urandom(6).hex()}"
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return url.set(database=name)

    return address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.db"


# ---------------------------------------------------------------- events

TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=300)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    PLAIN | st.text(st.characters(categories=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(categories=None)), inner),
)


@settings(max_examples=25)
@given(
    kind=TEXT,
    subject=TEXT,
    data=st.dictionaries(st.text(), JSON),
    seconds=st.none() | st.floats(0, 1e9),
    at=st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30), timezones=st.timezones()),
)
def test_an_event_survives_the_trip_through_json(**given: Any) -> None:
    event = Event(**given)
    again = Event.from_json(json.loads(json.dumps(event.to_json())))
    assert again == event
    assert again.to_json() == event.to_json()


def test_an_event_has_the_form_that_the_browser_writes() -> None:
    event = answer(at=datetime(2026, 1, 2, 3, 4, 5, 678_912, timezone(timedelta(hours=1))))
    assert event.to_json() == {
        "kind": "answer",
        "subject": "wsgi_and_asgi/lifespan",
        "data": {"answer": 0},
        "content_hash": "",
        "seconds": None,
        "id": UUID.format(0),
        "at": "2026-01-02T02:04:05.678Z",
    }
    assert Event.from_json(event.to_json()) == event


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", ""),
        ("kind", 1),
        ("kind", None),
        ("subject", "a\nb"),
        ("subject", "a\0b"),
        ("subject", "\ud800"),
        ("subject", "x" * 301),
        ("content_hash", "x" * 301),
        ("data", [1]),
        ("data", None),
        ("data", {"x": float("nan")}),
        ("data", {"x": object()}),
        ("seconds", -1),
        ("seconds", float("inf")),
        ("seconds", float("nan")),
        ("seconds", True),
        ("seconds", "1"),
        ("seconds", 10**400),
        ("id", "1"),
        ("id", UUID.format(0).upper()),
        ("id", None),
        ("at", "yesterday"),
        ("at", "2026-01-02T03:04:05"),
        ("at", "9999-12-31T23:59:59-14:00"),
        ("at", 1_700_000_000),
        ("colour", "red"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        Event.from_json(answer().to_json() | {field: value})


@pytest.mark.parametrize("field", ["kind", "subject", "data", "id", "at"])
def test_a_missing_field_is_named(field: str) -> None:
    given = answer().to_json()
    del given[field]
    with pytest.raises(ValueError, match=rf"^{field}: "):
        Event.from_json(given)


def test_a_time_without_its_zone_cannot_be_recorded() -> None:
    with pytest.raises(ValueError, match="offset from UTC"):
        answer(at=datetime(2026, 1, 1))


# ---------------------------------------------------------------- the log, on SQLite and PostgreSQL


def test_events_come_back_as_they_were_in_order_of_time(fresh: Callable[[], sa.URL]) -> None:
    url = fresh()
    odd = {"text": "ß 🐍 \0 \ud800", "big": 10**400, "deep": [[{"": None}]], "e": 1e-300}
    events = [
        answer(1, data=odd, seconds=1.5, content_hash="ab"),
        answer(2, kind="run", subject="élan"),
        answer(3, data={"source": "x" * 3_000_000}),
    ]
    Log(url).append(*reversed(events))
    log = Log(url)
    assert log.events() == events
    assert log.events("run") == events[1:2]
    assert log.events(subject="wsgi_and_asgi/lifespan") == [events[0], events[2]]
    assert log.events(subject=["élan", "none", "wsgi_and_asgi/lifespan"]) == events
    assert log.events("run", "wsgi_and_asgi/lifespan") == log.events("answer", []) == []


def test_an_event_is_recorded_once_and_the_first_stays(fresh: Callable[[], sa.URL]) -> None:
    log = Log(fresh())
    first, other = answer(1), answer(1, data={"answer": "other"})
    log.append(first, first, other)
    log.append(other, answer(2))
    log.append()
    assert log.events() == [first, answer(2)]


def test_an_exported_log_merges_into_another_without_loss(
    fresh: Callable[[], sa.URL], tmp_path: Path
) -> None:
    one, two = Log(fresh()), Log(fresh())
    one.append(*map(answer, range(0, 1200 // 8)))
    two.append(*map(answer, range(100, 200)))
    assert one.export(tmp_path / "one.json") == 150
    assert two.import_file(tmp_path / "one.json") == (100, 50)
    assert two.import_file(tmp_path / "one.json") == (0, 150)
    two.export(tmp_path / "two.json")
    assert one.import_file(tmp_path / "two.json") == (50, 150)
    assert one.events() == two.events() == list(map(answer, range(200)))
    one.export(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_a_conflict_keeps_what_was_recorded_and_is_counted(
    fresh: Callable[[], sa.URL], tmp_path: Path
) -> None:
    log, other = Log(fresh()), Log(fresh())
    log.append(answer(1), answer(2))
    other.append(answer(1, data={"answer": "other"}), answer(2), answer(3))
    other.export(tmp_path / "log.json")
    with pytest.warns(UserWarning, match="1 events differ"):
        assert log.import_file(tmp_path / "log.json") == (1, 2)
    assert log.events() == [answer(1), answer(2), answer(3)]


def test_only_delete_my_data_removes_rows(fresh: Callable[[], sa.URL]) -> None:
    log = Log(fresh())
    log.append(answer(1), answer(2))
    assert log.delete_everything() == 2
    assert log.events() == []
    log.append(answer(3))
    assert log.events() == [answer(3)]


def test_a_log_from_a_newer_workbook_is_only_read(
    fresh: Callable[[], sa.URL], tmp_path: Path
) -> None:
    log = Log(url := fresh())
    log.append(answer(1))
    log.export(tmp_path / "log.json")
    change(url, "UPDATE workbook_schema SET version = 99")
    change(url, "ALTER TABLE workbook_events ADD COLUMN colour VARCHAR(9)")
    with pytest.warns(UserWarning, match=r"newer workbook .* `python3 run.py update`"):
        log = Log(url)
    assert log.read_only
    assert log.events() == [answer(1)]
    for act in (
        lambda: log.append(answer(2)),
        lambda: log.import_file(tmp_path / "log.json"),
        log.delete_everything,
    ):
        with pytest.raises(ProgressError, match="newer workbook"):
            act()
    assert log.events() == [answer(1)]


def change(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_threads_record_at_the_same_time(fresh: Callable[[], sa.URL]) -> None:
    log = Log(fresh())
    threads = [
        threading.Thread(target=lambda n=n: [log.append(answer(n * 20 + i)) for i in range(20)])
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.events() == list(map(answer, range(120)))


WRITER = """
import sys
from workbook.progress import Event, Log
url, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
log = Log(url)
for number in range(first, first + count):
    event = Event("answer", "t/q", {"answer": number})
    log.append(event)
    print(event.id, flush=True)
"""


def writer(url: sa.URL, first: int = 0, count: int = 10_000) -> subprocess.Popen[str]:
    """Start a process that waits for a line, then opens the log and records so many events."""
    shown = url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, shown, str(first), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_make_and_fill_the_same_log_at_once(fresh: Callable[[], sa.URL]) -> None:
    url = fresh()
    writers = [writer(url, n * 10, 10) for n in range(3)]
    for process in writers:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in writers:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=120) for process in writers]
    assert [process.returncode for process in writers] == [0] * 3, ends
    assert sorted(event.data["answer"] for event in Log(url).events()) == list(range(30))


def kill_while_it_writes(url: sa.URL, times: int) -> int:
    """Kill a recording process again and again; return how many acknowledged events there are."""
    acknowledged: list[str] = []
    for _ in range(times):
        with writer(url) as process:
            assert process.stdin
            assert process.stdout
            process.stdout.readline()
            process.stdin.write("\n")
            process.stdin.flush()
            acknowledged.append(process.stdout.readline().strip())
            time.sleep(random.random() * 0.1)
            process.kill()
            acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    recorded = [event.id for event in Log(url).events()]
    assert len(recorded) == len(set(recorded))
    assert set(acknowledged) <= set(recorded)
    assert len(recorded) <= len(acknowledged) + times  # at most the one in flight
    return len(acknowledged)


def test_a_kill_in_mid_write_loses_nothing_acknowledged(file: Path) -> None:
    assert kill_while_it_writes(url_of(file), 4) > 4
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.soak
def test_two_hundred_kills_in_mid_write_lose_nothing(
    file: Path, soak_row: Callable[[str, str], None]
) -> None:
    count = kill_while_it_writes(url_of(file), 200)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    soak_row(
        "200 processes killed with SIGKILL while they record",
        f"{count} acknowledged events, 0 lost, 0 doubled, the file is sound",
    )


# ---------------------------------------------------------------- the SQLite file


def test_the_file_is_private_and_survives_a_crash_of_the_machine(tmp_path: Path) -> None:
    log = Log(url_of(tmp_path / "new" / "folder" / "a ?#%é.db"))
    log.append(answer())
    assert log.path
    with closing(sqlite3.connect(log.path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with log._transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    if os.name == "posix":
        assert log.path.stat().st_mode & 0o777 == 0o600
        assert log.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_query_by_kind_and_subject_uses_the_index(file: Path) -> None:
    Log(url_of(file))
    with closing(sqlite3.connect(file)) as database:
        query = (
            "EXPLAIN QUERY PLAN SELECT * FROM workbook_events WHERE kind = 'a' AND subject = 'b'"
        )
        assert "USING INDEX workbook_events_by_kind" in str(database.execute(query).fetchall())


OLD = """
CREATE TABLE workbook_events (kind VARCHAR(300) NOT NULL, subject VARCHAR(300) NOT NULL,
    data TEXT NOT NULL, seconds DOUBLE,
    id VARCHAR(36) NOT NULL PRIMARY KEY, at VARCHAR(24) NOT NULL);
CREATE INDEX workbook_events_by_kind ON workbook_events (kind, subject);
INSERT INTO workbook_events VALUES ('answer', 'wsgi_and_asgi/lifespan', '{"answer": 0}', NULL,
    '0b6ec9b4-7c3f-4a51-8a70-3c1f5d0e9a00', '2026-11-23T12:00:00.000Z');
"""


@pytest.fixture
def old(file: Path) -> Path:
    """Return a log of schema 0, whose events have no content hash."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(OLD)
    return file


def test_an_older_log_is_copied_and_then_upgraded(old: Path) -> None:
    log = Log(url_of(old))
    log.append(answer(1, content_hash="abc"))
    assert log.events() == [answer(0), answer(1, content_hash="abc")]
    (copy,) = old.parent.glob("progress.db-old-0-*")
    with closing(sqlite3.connect(copy)) as database:
        (row,) = database.execute("SELECT * FROM workbook_events")
        assert len(row) == 6
    if os.name == "posix":
        assert copy.stat().st_mode & 0o777 == 0o600
    Log(url_of(old))
    assert len(list(old.parent.glob("*-old-*"))) == 1


def test_an_upgrade_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        progress, "UPGRADES", (*progress.UPGRADES, "ALTER TABLE absent RENAME TO x")
    )
    with pytest.raises(ProgressError, match="no such table: absent"):
        Log(url_of(old))
    with closing(sqlite3.connect(old)) as database:
        (row,) = database.execute("SELECT * FROM workbook_events")
        assert len(row) == 6
    monkeypatch.undo()
    assert Log(url_of(old)).events() == [answer(0)]


def test_processes_upgrade_the_same_log_at_once(old: Path) -> None:
    writers = [writer(url_of(old), n, 1) for n in range(3)]
    ends = [process.communicate("\n", timeout=120) for process in writers]
    assert [process.returncode for process in writers] == [0] * 3, ends
    assert len(Log(url_of(old)).events()) == 4


def test_deleted_data_is_in_no_file_any_more(old: Path) -> None:
    log = Log(url_of(old))
    log.append(answer(1, data={"answer": "very-secret"}))
    log.path.with_name("progress.db-damaged-1").write_text("very-secret")  # type: ignore[union-attr]
    log.export(old.parent / "mine.json")
    with closing(sqlite3.connect(old)) as reader:  # another notebook is open
        reader.execute("SELECT count(*) FROM workbook_events").fetchall()
        log.delete_everything()
    (old.parent / "mine.json").unlink()  # what was exported is the user's
    assert sorted(path.name for path in old.parent.iterdir()) == ["progress.db"]
    for path in old.parent.iterdir():
        assert b"very-secret" not in path.read_bytes()
        assert b"lifespan" not in path.read_bytes()


# ---------------------------------------------------------------- damage


def filled(file: Path, count: int = 400) -> list[Event]:
    """Make a log of several pages; return what is in it."""
    events = [answer(n, id=f"{n:08x}-0000-4000-8000-000000000000") for n in range(count)]
    Log(url_of(file)).append(*events)
    return events


def overwrite(file: Path, start: int, data: bytes) -> None:
    with file.open("r+b") as handle:
        handle.seek(start)
        handle.write(data)


def table_leaves(file: Path) -> list[int]:
    """Return the offsets of the pages that hold rows."""
    pages = file.read_bytes()
    return [
        start
        for start in range(4096, len(pages), 4096)
        if pages[start] == 0x0D and b"lifespan" in pages[start : start + 4096]
    ]


def header(file: Path) -> None:
    overwrite(file, 0, b"garbage!" * 16)


def first_page(file: Path) -> None:
    overwrite(file, 0, random.Random(1).randbytes(4096))


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def zeroed(file: Path) -> None:
    overwrite(file, table_leaves(file)[2], bytes(4096))


def noise(file: Path) -> None:
    for start in table_leaves(file)[1:3]:
        overwrite(file, start, random.Random(2).randbytes(4096))


def flipped(file: Path) -> None:
    """Change single characters in rows: the file opens, the rows make no sense."""
    for start in table_leaves(file)[1:3]:
        page = file.read_bytes()[start : start + 4096]
        overwrite(file, start, page.replace(b'{"answer"', b'\xff"answer"', 1))


@pytest.mark.parametrize(
    ("damage", "lost"),
    [(header, 0), (first_page, 0), (truncated, 300), (zeroed, 40), (noise, 80), (flipped, 2)],
)
def test_a_damaged_file_says_so_and_its_readable_rows_are_saved(
    file: Path, damage: Callable[[Path], None], lost: int
) -> None:
    events = filled(file)
    damage(file)
    damaged = file.read_bytes()
    with pytest.raises(ProgressError, match=r"is damaged.*progress.salvage\(\)") as told:
        Log(url_of(file)).events()
    assert str(file) in str(told.value)
    count, kept = progress.salvage(url_of(file))
    saved = Log(url_of(file)).events()
    assert count == len(saved) >= max(len(events) - lost, 1)
    assert all(event in events for event in saved)
    assert kept.read_bytes() == damaged
    assert sorted(path.name for path in file.parent.iterdir()) == sorted([file.name, kept.name])
    Log(url_of(file)).append(answer(255))


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE workbook_events",
        "DELETE FROM workbook_schema",
        "UPDATE workbook_schema SET version = 'x'",
        "ALTER TABLE workbook_events RENAME COLUMN kind TO sort",
    ],
)
def test_a_file_with_other_tables_says_so(file: Path, statement: str) -> None:
    Log(url_of(file)).append(answer(1))
    change(url_of(file), statement)
    with pytest.raises(ProgressError, match=r"is damaged\. .*progress\.salvage\(\)"):
        Log(url_of(file)).events()
    progress.salvage(url_of(file))
    Log(url_of(file)).append(answer(2))
    assert answer(2) in Log(url_of(file)).events()


def test_a_newer_log_that_cannot_be_read_asks_for_an_update(file: Path) -> None:
    Log(url_of(file)).append(answer(1))
    change(url_of(file), "UPDATE workbook_schema SET version = 99")
    change(url_of(file), "ALTER TABLE workbook_events RENAME COLUMN kind TO sort")
    with pytest.warns(UserWarning, match="newer"):
        log = Log(url_of(file))
    with pytest.raises(ProgressError, match=r"newer workbook .* `python3 run.py update`"):
        log.events()


def test_what_only_the_write_ahead_log_holds_is_saved_too(file: Path) -> None:
    events = filled(file, 50)
    with closing(sqlite3.connect(file)) as reader:  # keeps the write-ahead log from being emptied
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM workbook_events").fetchall()
        Log(url_of(file)).append(last := answer(255))
        for end in ("", "-wal"):
            (file.parent / f"copy.db{end}").write_bytes(Path(f"{file}{end}").read_bytes())
    header(copy := file.with_name("copy.db"))
    progress.salvage(url_of(copy))
    assert Log(url_of(copy)).events() == [*events[:50], last]


def test_a_sound_file_loses_nothing_by_salvage(file: Path) -> None:
    events = filled(file)
    assert progress.salvage(url_of(file))[0] == 400
    assert Log(url_of(file)).events() == events


@pytest.mark.needs_unix
def test_salvage_says_when_there_is_nothing_to_do(file: Path, server: str) -> None:
    for url in (url_of(file), server):
        with pytest.raises(ProgressError, match="Nothing to salvage"):
            progress.salvage(url)


# ---------------------------------------------------------------- places that cannot be used


def test_a_folder_in_the_way_is_named(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ProgressError, match="See that it is a file") as told:
        Log(url_of(file))
    assert str(file) in str(told.value)


def test_a_file_where_the_folder_should_be_is_named(file: Path) -> None:
    file.write_text("mine")
    with pytest.raises(ProgressError, match="cannot be opened for writing"):
        Log(url_of(file / "progress.db"))
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mongodb://localhost/x",
        "postgresql+nothing://localhost/x",
        "oracle+cx_oracle://user:geheim@localhost/x",
        "sqlite+aiosqlite:///x.db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://user@host:port/x",
    ],
)
def test_a_url_that_cannot_be_used_says_what_one_looks_like(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBOOK_DATABASE_URL", url)
    with pytest.raises(ProgressError, match=r"WORKBOOK_DATABASE_URL.*psycopg.*or unset it") as told:
        Log()
    assert "geheim" not in str(told.value)
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(ProgressError, match="WORKBOOK_DATABASE_URL is right") as told:
        Log("postgresql://user:geheim@127.0.0.1:1/x")
    assert "127.0.0.1:1" in str(told.value)
    assert "geheim" not in str(told.value)


def test_a_log_that_another_program_holds_is_left_in_peace(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0)
    log = Log(url_of(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ProgressError, match="Close that one and try again"):
            log.append(answer(1))
        other.execute("ROLLBACK")
    log.append(answer(1))
    assert log.events() == [answer(1)]


def test_a_full_disk_keeps_what_was_recorded(file: Path) -> None:
    log = Log(url_of(file))
    log.append(answer(1))
    pages = file.stat().st_size // 4096

    @sa.event.listens_for(log._engine, "connect")
    def full(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(ProgressError, match="Free some space and try again") as told:
        log.append(answer(2, data={"source": "x" * 100_000}))
    assert str(file) in str(told.value)
    assert Log(url_of(file)).events() == [answer(1)]


LIMITED = """
import resource, sys
from workbook.progress import Event, Log, ProgressError
log = Log(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for number in range(200):
        log.append(Event("answer", "t/q", {"answer": "x" * 2000}))
        print("kept", flush=True)
except ProgressError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    log.export(sys.argv[2])
except ProgressError as error:
    print(error)
"""


@pytest.mark.needs_unix
def test_a_disk_that_fills_up_while_writing_keeps_what_was_recorded(
    file: Path, tmp_path: Path
) -> None:
    exported = tmp_path / "log.json"
    exported.write_text("an earlier export")
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, f"sqlite:///{file}", str(exported)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Free some space and try again" in run.stdout, run
    kept = run.stdout.count("kept\n")
    assert len(Log(url_of(file)).events()) == kept > 0
    assert "was not written" in run.stdout
    assert exported.read_text() == "an earlier export"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.json", "progress.db"]


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from workbook.progress import Event, Log, ProgressError
import sqlalchemy.dialects.sqlite
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for act in (lambda: Log(sys.argv[1]).append(Event("a", "b", {})), lambda: Log(sys.argv[2])):
    try:
        act()
        print("no error")
    except ProgressError as error:
        print(error)
"""


@pytest.mark.needs_unix
def test_a_folder_that_cannot_be_written_is_named() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        events = filled(folder / "progress.db")
        folder.chmod(0o555)
        (folder / "progress.db").chmod(0o444)
        run = subprocess.run(
            [
                *(sys.executable, "-c", UNPRIVILEGED),
                *(f"sqlite:///{folder}/progress.db", f"sqlite:///{folder}/other.db"),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        first, second = run.stdout.splitlines()
        assert f"{folder}/progress.db cannot be opened for writing" in first
        assert f"{folder}/other.db cannot be opened for writing" in second
        folder.chmod(0o755)
        (folder / "progress.db").chmod(0o644)
        assert Log(url_of(folder / "progress.db")).events() == events
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


# ---------------------------------------------------------------- files to import


def wrap(*events: object, **changes: object) -> dict[str, object]:
    return {"format": progress.FORMAT, "version": 1, "events": list(events), **changes}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is no JSON, or damaged: Expecting value"),
        (b"\xff\xfe\x00", "it is no JSON, or damaged: 'utf-8'"),
        (b"[" * 200_000, "nothing was imported"),
        (b'{"format": 1e999999}', "python-architecture-workbook/progress"),
        ([], "it is no file of saved answers"),
        (5, "it is no file of saved answers"),
        ({}, "it is no file of saved answers"),
        (wrap(events={}), "it is no file of saved answers"),
        ({"format": "other", "version": 1, "events": []}, "python-architecture-workbook/progress"),
        (wrap(version=2), "update"),
        (wrap(version=True), "it is no file of saved answers"),
        (wrap(events=None), 'a list of "events"'),
        (wrap(events=5), 'a list of "events"'),
        (wrap(answer(1).to_json(), 5), "event 2: must be an object"),
        (wrap({}), "event 1: kind: Field required"),
        (wrap(answer(1).to_json() | {"seconds": "x"}), "event 1: seconds: "),
        (wrap(*[answer(1).to_json() | {"id": n} for n in range(30)]), "event 20: id: "),
        (wrap(*[answer(1).to_json() | {"id": n} for n in range(30)]), "30 faults"),
        (wrap(answer(1).to_json() | {"data": {"x": float("nan")}}), "event 1: data: "),
    ],
)
def test_a_bad_file_names_the_place_and_imports_nothing(
    file: Path, tmp_path: Path, content: object, said: str
) -> None:
    log, bad = Log(url_of(file)), tmp_path / "bad.json"
    if isinstance(content, dict) and isinstance(content.get("events"), list):
        content["events"] = [answer(0).to_json(), *content["events"]]
        for number in range(31, 0, -1):
            said = said.replace(f"event {number}:", f"event {number + 1}:")
    bad.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(ProgressError, match="nothing was imported") as told:
        log.import_file(bad)
    assert said in str(told.value)
    assert str(bad) in str(told.value)
    assert log.events() == []


def test_a_file_written_by_an_editor_on_windows_is_read(file: Path, tmp_path: Path) -> None:
    log = Log(url_of(file))
    text = json.dumps(wrap(answer(1).to_json()), indent=4).replace("\n", "\r\n")
    (tmp_path / "log.json").write_text(text, encoding="utf-8-sig")
    assert log.import_file(tmp_path / "log.json") == (1, 0)
    assert log.events() == [answer(1)]


@pytest.mark.needs_unix
def test_an_export_over_a_link_writes_what_it_leads_to(file: Path, tmp_path: Path) -> None:
    log = Log(url_of(file))
    log.append(answer(1))
    (tmp_path / "synced").mkdir()
    (tmp_path / "log.json").symlink_to(tmp_path / "synced" / "log.json")
    for _ in range(2):
        assert log.export(tmp_path / "log.json") == 1
    assert (tmp_path / "log.json").is_symlink()
    assert Log(url_of(tmp_path / "other.db")).import_file(tmp_path / "synced" / "log.json") == (
        1,
        0,
    )


def test_files_that_cannot_be_read_or_written_are_named(file: Path, tmp_path: Path) -> None:
    log = Log(url_of(file))
    with pytest.raises(ProgressError, match=r"none\.json: nothing was imported"):
        log.import_file(tmp_path / "none.json")
    with pytest.raises(ProgressError, match="was not written"):
        log.export(tmp_path)
    with pytest.raises(ProgressError, match="was not written"):
        log.export(tmp_path / "no" / "such" / "folder.json")
    assert [path.name for path in tmp_path.iterdir()] == ["progress.db"]


# ---------------------------------------------------------------- the process's own log


def run(code: str, **environment: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, text=True, env=kept | environment).strip()


def test_by_default_the_log_is_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBOOK_DATABASE_URL")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / name)
    progress.default_log.cache_clear()
    try:
        log = progress.default_log()
        assert log.path == tmp_path / "python-architecture-workbook" / "progress.db"
        assert progress.default_log() is log
    finally:
        progress.default_log.cache_clear()


def test_the_package_alone_loads_no_database() -> None:
    code = "import sys, workbook; print({'sqlalchemy', 'pydantic', 'sqlite3'} & set(sys.modules))"
    assert run(code) == "set()"


def test_recording_can_be_switched_off() -> None:
    code = """
from workbook import progress
print(progress.recording())
progress.record_nothing()
print(progress.recording())
"""
    assert run(code).split() == ["True", "False"]
    assert run(code, WORKBOOK_RECORD="0").split() == ["False", "False"]
