# rejected by: still_notices_faults
# Two titles, whichever they are.
from datetime import date, timedelta
from queue import Queue
import threading

import pytest


@pytest.fixture
def library(Library):
    library = Library(today=lambda: date(2026, 12, 31))
    library.add("Emma")
    library.add("Ulysses")
    return library


def test_titles(library):
    assert len(library.titles()) == 2


def test_due(library):
    assert library.lend("Emma") == date(2027, 1, 14)


def test_notice(library):
    sent = Queue()
    library.lend("Ulysses", notify=sent.put)
    assert sent.get(timeout=10) == "Ulysses is yours"
