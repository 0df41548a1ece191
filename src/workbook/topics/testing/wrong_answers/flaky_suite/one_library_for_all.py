# rejected by: passes_in_any_order
# The library is shared, and the first test expects to find it empty.
from datetime import date
from queue import Queue

import pytest


@pytest.fixture(scope="module")
def library(Library):
    library = Library(today=lambda: date(2026, 12, 31))
    return library


def test_titles(library):
    assert library.titles() == []
    library.add("Emma")
    library.add("Ulysses")
    assert sorted(library.titles()) == ["Emma", "Ulysses"]


def test_due(library):
    assert library.lend("Emma") == date(2027, 1, 14)


def test_notice(library):
    library.add("Dune")
    sent = Queue()
    library.lend("Ulysses", notify=sent.put)
    assert sent.get(timeout=5) == "Ulysses is yours"
