# rejected by: passes_on_a_slow_machine
# A longer sleep is slow on every machine and still too short on some.
import time
from datetime import date

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
    sent = []
    library.lend("Ulysses", notify=sent.append)
    time.sleep(3)
    assert sent == ["Ulysses is yours"]
