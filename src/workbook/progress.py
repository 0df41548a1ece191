"""The learner's log: one append-only table of events, from which everything else is folded.

It is an SQLite file in the user's data folder, or whatever ``WORKBOOK_DATABASE_URL`` names (an
SQLAlchemy URL; PostgreSQL is tested). An undo is a further event, merging two logs is adding what
one lacks, and only :meth:`Log.delete_everything` removes rows. What fails, fails with a
:class:`ProgressError` that says what happened, where, and what to do.
"""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import uuid4

import platformdirs
import sqlalchemy as sa
from pydantic import Field, PlainValidator, ValidationError
from pydantic.dataclasses import dataclass

FORMAT, FORMAT_VERSION = "python-architecture-workbook/progress", 1
#: Statement i takes a log from schema i to i + 1. (Schema 0 was that of the first drafts.)
UPGRADES = ("ALTER TABLE workbook_events ADD COLUMN content_hash VARCHAR(300) DEFAULT '' NOT NULL",)
_METADATA = sa.MetaData()
_EVENTS = sa.Table(
    "workbook_events",
    _METADATA,
    sa.Column("kind", sa.String(300), nullable=False),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("data", sa.Text, nullable=False),  # JSON in ASCII
    sa.Column("content_hash", sa.String(300), nullable=False),
    sa.Column("seconds", sa.Double),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", sa.String(24), nullable=False),  # ISO 8601 in UTC: sorts as it reads
    sa.Index("workbook_events_by_kind", "kind", "subject"),
)
_NAMES = tuple(_EVENTS.c.keys())
_SCHEMA = sa.Table("workbook_schema", _METADATA, sa.Column("version", sa.Integer))
#: What to say, by the beginning of SQLite's name for the error, or of the error's module.
_TROUBLES = {
    (
        "SQLITE_NOTADB",
        "SQLITE_CORRUPT",
        "SQLITE_ERROR",
        "sqlite3",
        "pydantic",
    ): "is damaged. Stop the other"
    " notebooks and run `from workbook import progress; progress.salvage()`: it moves every"
    " readable row to a new file and keeps the damaged one beside it",
    ("SQLITE_FULL", "SQLITE_IOERR"): "could not be written: the disk or a quota is full, or the"
    " disk fails. Free some space and try again; what was recorded before is kept",
    ("SQLITE_BUSY", "SQLITE_LOCKED"): "has been held by another program for 30 s. Close that one"
    " and try again; what was recorded before is kept",
    ("SQLITE_READONLY", "SQLITE_CANTOPEN", "builtins"): "cannot be opened for writing. See that it"
    " is a file, that you may write to it and to its folder, or set WORKBOOK_DATABASE_URL to"
    " another place; what was recorded before is kept",
    ("",): "could not be used. See that its database is there and WORKBOOK_DATABASE_URL is right",
}
_NO_JSON = (json.JSONDecodeError, UnicodeDecodeError, RecursionError)
PATIENCE = 30  # seconds that a writer waits for another
_NEWER = "was written by a newer workbook and can only be read. Run `python3 run.py update`"


class ProgressError(RuntimeError):
    """The log cannot be used as asked; the message says why, where it is, and what to do."""


def _object(value: Any) -> dict[str, Any]:
    """Return a JSON object, given as such or as text, as JSON gives it back."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, allow_nan=False)
        if isinstance(found := json.loads(text), dict):
            return found
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    raise ValueError("must be a JSON object")


def _instant(value: Any) -> datetime:
    """Return a time, given as such or as ISO 8601, in UTC and to the millisecond."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(at, datetime) or at.tzinfo is None or not 1 < at.year < 9999:
        raise ValueError("must be a time with its offset from UTC, like 2026-01-31T09:30:00Z")
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


_Text = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^\P{C}*$")]


@dataclass(frozen=True, config={"extra": "forbid", "strict": True})
class Event:
    """One thing that happened; whatever can be constructed can be recorded.

    ``kind`` says what happened (``answer``, ``run``, ...) and ``subject`` to what; ``data`` is a
    JSON object (a tuple in it becomes a list); ``content_hash`` is that of the question as it then
    was; ``seconds`` is how long it took, if known; ``id`` is a UUID; ``at`` is kept in UTC, to the
    millisecond. Anything else raises ValueError (pydantic's), which names the field.
    """

    kind: _Text
    subject: _Text
    data: Annotated[dict[str, Any], PlainValidator(_object)]
    content_hash: Annotated[str, Field(max_length=300, pattern=r"^\P{C}*$")] = ""
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    id: Annotated[str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] = field(
        default_factory=lambda: str(uuid4())
    )
    at: Annotated[datetime, PlainValidator(_instant)] = field(
        default_factory=lambda: _instant(datetime.now(UTC))
    )

    def to_json(self) -> dict[str, Any]:
        """Return the event as the file format and the browser have it."""
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**vars(self), "at": at}

    @classmethod
    def from_json(cls, given: Any) -> Event:
        """Return the event that :meth:`to_json` gave; raise ValueError naming the field."""
        if not isinstance(given, dict):
            raise ValueError("must be an object")
        try:
            return cls(**{"id": None, "at": None, **given})  # here neither has a default
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            raise ValueError("; ".join(faults)) from None


def _engine(url: str | sa.URL | None) -> tuple[sa.Engine, Path | None]:
    """Return an engine for the log and, if that is an SQLite file, its path."""
    folder = platformdirs.user_data_path("python-architecture-workbook")
    default = sa.URL.create("sqlite", database=str(folder / "progress.db"))
    settings: dict[str, Any] = {}
    path = None
    try:
        address = sa.make_url(url or os.environ.get("WORKBOOK_DATABASE_URL") or default)
        if address.get_dialect().is_async:
            raise ValueError("it names an async driver")
        if address.get_backend_name() == "sqlite":
            if (address.database or ":").startswith((":", "file:")):
                raise ValueError("it names no file")
            path = Path(str(address.database)).expanduser().absolute()
            address = address.set(database=str(path))
            settings = {"timeout": PATIENCE, "isolation_level": None}
        return sa.create_engine(address, poolclass=sa.NullPool, connect_args=settings), path
    except (ImportError, ValueError, sa.exc.ArgumentError) as error:
        raise ProgressError(
            f"The progress log cannot be opened: WORKBOOK_DATABASE_URL is no use ({error})."
            " Give it an SQLAlchemy URL like sqlite:////folder/progress.db or postgresql://user@"
            "host/database (which needs: pip install 'psycopg[binary]'), or unset it."
        ) from error


class Log:
    """The log at an SQLAlchemy URL (by default that of :func:`default_log`).

    It keeps no connection between calls: threads, forks and restarts share nothing. Every method
    raises :class:`ProgressError` where it cannot do what it says.
    """

    def __init__(self, url: str | sa.URL | None = None) -> None:
        self.read_only = False  #: True if a newer workbook wrote this log
        self._engine, self.path = _engine(url)  #: the SQLite file, if it is one
        self.name = f"The progress log {self.path or self._engine.url}"
        try:
            self._prepare()
        except ProgressError:  # another process may have been preparing it at the same moment
            self._prepare()

    def append(self, *events: Event) -> None:
        """Record events, all or none; on return they are on disk. Known ids are left alone."""
        self._merge(events)

    def events(
        self, kind: str | None = None, subject: str | Iterable[str] | None = None
    ) -> list[Event]:
        """Return the events, of one kind or on these subjects if given, by time and id."""
        query = _EVENTS.select().order_by("at", "id")
        for column, wanted in ((_EVENTS.c.kind, kind), (_EVENTS.c.subject, subject)):
            if wanted is not None:
                query = query.where(column.in_([wanted] if isinstance(wanted, str) else wanted))
        with self._transaction() as connection:
            return [_event(row) for row in connection.execute(query)]

    def export(self, path: str | Path) -> int:
        """Write every event to a JSON file, all or nothing; return how many there are."""
        events = self.events()
        head = json.dumps({"format": FORMAT, "version": FORMAT_VERSION})[:-1]
        lines = ",\n".join(json.dumps(event.to_json()) for event in events)
        path = Path(os.path.realpath(path))  # a link stays one
        part = Path(f"{path}.{os.getpid()}.part")
        try:
            part.write_text(f'{head}, "events": [\n{lines}\n]}}\n', encoding="utf-8")
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise ProgressError(f"{path} was not written: {error}. Name another file.") from error
        return len(events)

    def import_file(self, path: str | Path) -> tuple[int, int]:
        """Merge an exported file, all or nothing; return how many events were new, and known.

        An event known with other content counts as known: the recorded one stays, with a warning.
        """
        new, known, conflicts = self._merge(_read(Path(path)))
        if conflicts:
            warnings.warn(
                f"{conflicts} events differ from those recorded, which stay", stacklevel=2
            )
        return new, known

    def delete_everything(self) -> int:
        """Delete your data, for good; return how many events there were.

        In SQLite also what free pages and the write-ahead log still hold, and the copies beside
        the file (from an upgrade or :func:`salvage`). Not what you exported or a browser keeps.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            count = connection.execute(_EVENTS.delete()).rowcount
        if self.path is not None:
            with self._transaction("VACUUM") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                for file in self.path.parent.iterdir():
                    if file.name.startswith((f"{self.path.name}-old", f"{self.path.name}-damaged")):
                        file.unlink()
        return count

    def close(self) -> None:
        """Let go of the database; nothing is open between calls."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN") -> Iterator[sa.Connection]:
        """Connect and, in SQLite, ``begin``; commit at the end; explain whatever goes wrong."""
        if self.read_only and begin != "BEGIN":
            raise ProgressError(f"{self.name} {_NEWER}.")
        try:
            if self.path is not None and not self.path.exists():
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.path.touch(mode=0o600)
            with self._engine.begin() as connection:
                if self.path is not None:
                    connection.exec_driver_sql("PRAGMA synchronous=FULL")
                    connection.exec_driver_sql(begin)
                yield connection
        except (sa.exc.SQLAlchemyError, sqlite3.Error, OSError, ValidationError) as error:
            cause = getattr(error, "orig", error)
            kind = getattr(cause, "sqlite_errorname", type(cause).__module__)
            said = next(text for names, text in _TROUBLES.items() if kind.startswith(names))
            said = _NEWER if self.read_only else said
            raise ProgressError(f"{self.name} {said}. ({cause})") from error

    def _prepare(self) -> None:
        """Create the tables, or bring them up to date, or see that they are too new."""
        with self._transaction() as connection:
            version = _version(connection)
        if version > len(UPGRADES):
            self.read_only = True
            warnings.warn(f"{self.name} {_NEWER}.", stacklevel=3)
        if version >= len(UPGRADES):
            return
        if self.path is not None:
            with self._transaction("PRAGMA journal_mode=WAL") as connection:
                if version >= 0:
                    copy = Path(f"{self.path}-old-{version}-{uuid4()}")
                    copy.touch(mode=0o600)
                    connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        with self._transaction("BEGIN IMMEDIATE") as connection:
            version = _version(connection)  # now that nobody else can change it
            for statement in UPGRADES[version:] if version >= 0 else ():
                connection.exec_driver_sql(statement)
            _METADATA.create_all(connection)
            connection.execute(_SCHEMA.delete())
            connection.execute(_SCHEMA.insert().values(version=len(UPGRADES)))

    def _merge(self, events: Iterable[Event]) -> tuple[int, int, int]:
        """Add what is not there; return how many are new, known, and known with other content."""
        given, there = list(events), dict[str, Event]()
        with self._transaction("BEGIN IMMEDIATE") as connection:
            connection.execute(_SCHEMA.select().with_for_update())  # one writer at a time
            for start in range(0, len(given), 500):
                ids = [event.id for event in given[start : start + 500]]
                found = connection.execute(_EVENTS.select().where(_EVENTS.c.id.in_(ids)))
                there |= {row.id: _event(row) for row in found}
            new = {event.id: event for event in reversed(given) if event.id not in there}
            if new:
                rows = [one.to_json() | {"data": json.dumps(one.data)} for one in new.values()]
                connection.execute(_EVENTS.insert(), rows)
        conflicts = sum((there.get(event.id) or new[event.id]) != event for event in given)
        return len(new), len(given) - len(new), conflicts


def _event(row: sa.Row[Any]) -> Event:
    """Return the event in a row; it was valid when it was written, and is not validated again."""
    event, values = object.__new__(Event), dict(zip(_NAMES, row, strict=True))
    try:
        at = datetime.fromisoformat(values["at"])
        vars(event).update(values, data=json.loads(values["data"]), at=at)
        return event
    except ValueError:
        return Event(**values)  # which raises an error that names the field


def _version(connection: sa.Connection) -> int:
    """Return the number of the log's schema; -1 where there is no log yet."""
    names = sa.inspect(connection).get_table_names()
    if _SCHEMA.name in names:
        version = connection.scalar(_SCHEMA.select())
        return version if isinstance(version, int) else 0
    return 0 if _EVENTS.name in names else -1


def _read(path: Path) -> list[Event]:
    """Return the events of an exported file; raise ProgressError with all of its faults."""
    faults, events = [], []
    try:
        whole = json.loads(path.read_text(encoding="utf-8-sig"))
        found = [whole.get(name) for name in ("format", "version")] if type(whole) is dict else []
        right = found == [FORMAT, FORMAT_VERSION] and type(found[1]) is int  # True == 1
        if not right or type(whole.get("events")) is not list:
            raise ValueError(
                f"it is no file of saved answers, of format {FORMAT!r}, version {FORMAT_VERSION},"
                ' with a list of "events". (Is it of a newer workbook? `python3 run.py update`)'
            )
        for number, given in enumerate(whole["events"], 1):
            try:
                events.append(Event.from_json(given))
            except ValueError as error:
                faults.append(f"event {number}: {error}")
        if faults:
            raise ValueError("\n".join([f"{len(faults)} faults", *faults[:20]]))
    except (OSError, ValueError, RecursionError) as error:
        why = "it is no JSON, or damaged: " if type(error) in _NO_JSON else ""
        raise ProgressError(f"{path}: nothing was imported: {why}{error}") from error
    return events


def salvage(url: str | sa.URL | None = None) -> tuple[int, Path]:
    """Move every readable row of a damaged SQLite log into a new file in its place.

    Run it while no other notebook records. It returns how many events were saved and where the
    damaged file is kept, and raises ProgressError where there is no file or no room. Damage to the
    file's first page costs nothing: it holds no rows, so a new log's takes its place.
    """
    engine, path = _engine(url)
    if path is None or not path.is_file():
        raise ProgressError(f"Nothing to salvage: {engine.url} is not a file.")
    kept = Path(f"{path}-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    try:
        with TemporaryDirectory(dir=path.parent) as folder:
            fresh, copy, wal = Path(folder, "new.db"), Path(folder, "copy.db"), Path(f"{path}-wal")
            log = Log(engine.url.set(database=str(fresh)))
            head, damaged = fresh.read_bytes()[:4096], path.read_bytes()
            head = head[:28] + (len(damaged) // 4096).to_bytes(4, "big") + head[32:]  # its pages
            for start in (b"", head):
                copy.write_bytes(start + damaged[len(start) :])
                Path(f"{copy}-wal").write_bytes(wal.read_bytes() if wal.exists() else b"")
                if not log.events():
                    log.append(*_rows(copy))
            count = len(log.events())
            for end in ("-shm", "-wal", ""):
                with suppress(FileNotFoundError):
                    Path(f"{path}{end}").rename(f"{kept}{end}")
            fresh.rename(path)
    except OSError as error:
        raise ProgressError(f"{path} was not salvaged, for want of room? {error}") from error
    return count, kept


def _rows(file: Path) -> Iterator[Event]:
    """Yield the events that can be read; past damage, try each row number in turn."""
    query = "SELECT rowid AS number, * FROM workbook_events WHERE rowid > ? ORDER BY rowid"
    number, last = 0, (file.stat().st_size + Path(f"{file}-wal").stat().st_size) // 64
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        while number < last:  # a row takes more than 64 bytes
            with suppress(sqlite3.Error):
                for row in database.execute(query, (number,)):
                    number = row["number"]
                    with suppress(ValueError):
                        yield Event(**{name: row[name] for name in {*_NAMES} & {*row.keys()}})
                return
            number += 1


@cache
def default_log() -> Log:
    """Return this process's log: at ``WORKBOOK_DATABASE_URL``, or in the user's data folder."""
    return Log()


def recording() -> bool:
    """Tell whether attempts are to be recorded: not under ``WORKBOOK_RECORD=0``."""
    return os.environ.get("WORKBOOK_RECORD") != "0"


def record_nothing() -> None:
    """Record no attempt from now on, in this process and those that it starts."""
    os.environ["WORKBOOK_RECORD"] = "0"
