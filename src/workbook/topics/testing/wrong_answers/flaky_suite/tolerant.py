# rejected by: still_notices_faults
# Nothing is flaky any more, since nearly nothing is asserted any more.
from datetime import date
from queue import Queue

import pytest


@pytest.fixture
def library(Library):
    library = Library(today=lambda: date(2026, 12, 31))
    library.add("Emma")
    library.add("Ulysses")
    return library


def test_titles(library):
    assert "Emma" in library.titles()


def test_due(library):
    assert library.lend("Emma") > date(2026, 12, 31)


def test_notice(library):
    sent = Queue()
    library.lend("Ulysses", notify=sent.put)
    assert sent.get(timeout=5) == "Ulysses is yours"
