# rejected by: passes_on_any_day_and_at_midnight
# The clock is passed in, and it is the real one: test and library still look one after the other.
from datetime import date, timedelta
from queue import Queue

import pytest


@pytest.fixture
def library(Library):
    library = Library(today=date.today)
    library.add("Emma")
    library.add("Ulysses")
    return library


def test_titles(library):
    assert sorted(library.titles()) == ["Emma", "Ulysses"]


def test_due(library):
    assert library.lend("Emma") == date.today() + timedelta(days=14)


def test_notice(library):
    sent = Queue()
    library.lend("Ulysses", notify=sent.put)
    assert sent.get(timeout=5) == "Ulysses is yours"
