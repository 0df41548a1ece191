# rejected by: still_notices_faults
# The test that was hard to repair now only looks at what is already there.
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
    assert sorted(library.titles()) == ["Emma", "Ulysses"]


def test_due(library):
    assert library.lend("Emma") == date(2027, 1, 14)


def test_notice(library):
    sent = Queue()
    library.lend("Ulysses", notify=sent.put)
    assert sent.qsize() in (0, 1)
