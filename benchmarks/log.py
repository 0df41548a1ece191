"""A log of 100,000 attempts: more than anyone will make."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from measure import Row, alternate, compare, say, seconds, timed

from workbook.progress import Event, Log

COUNT, QUESTIONS = 100_000, 400
START = datetime(2026, 1, 1, tzinfo=UTC)


def attempt(number: int) -> Event:
    """Return one answer of a plausible size."""
    data = {"answer": [2, 0], "correct": number % 3 == 0, "seed": "3fa9", "attempt": number % 7}
    at = START + timedelta(minutes=number)
    return Event("answer", f"topic/question_{number % QUESTIONS}", data, "a1" * 16, 12.5, at=at)


def score(events: list[Event]) -> dict[str, bool]:
    """Fold a log into the last result of each question."""
    return {event.subject: event.data["correct"] for event in events}


def rows() -> list[Row]:
    """Compare with a plain read of the same rows, and with the same log when it is empty."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "full.db")
        full = Log(sa.URL.create("sqlite", database=str(path)))
        empty = Log(sa.URL.create("sqlite", database=str(Path(folder, "empty.db"))))
        attempts = [attempt(number) for number in range(COUNT)]
        say(f"  recorded {COUNT:,} attempts in {seconds(timed(lambda: full.append(*attempts)))}")

        def fold() -> None:
            assert len(score(full.events("answer"))) == QUESTIONS

        def plain() -> None:
            with closing(sqlite3.connect(path)) as database:
                query = "SELECT * FROM workbook_events WHERE kind = 'answer' ORDER BY at, id"
                assert len(database.execute(query).fetchall()) >= COUNT

        folded, read = alternate([fold, plain], 3)
        one, whole = alternate([lambda: full.events("answer", "topic/question_7"), fold], 3)
        more, first = alternate(
            [lambda: full.append(attempt(1)), lambda: empty.append(attempt(1))], 9
        )
        file = Path(folder, "log.json")
        out, back = timed(lambda: full.export(file)), timed(lambda: empty.import_file(file))
    return [
        compare("100,000 attempts: fold them all", folded, "bare SQL read", read),
        compare("100,000 attempts: those of one question", one, "all", whole),
        compare("100,000 attempts: one more", more, "in an empty log", first),
        compare("100,000 attempts: import", back, "export", out),
    ]
