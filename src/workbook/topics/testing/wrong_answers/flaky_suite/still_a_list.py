# rejected by: passes_with_another_hash_seed
# The order in which a set gives its strings changes with the seed of their hashes.
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
    assert library.titles() == ["Emma", "Ulysses"]


def test_due(library):
    assert library.lend("Emma") == date(2027, 1, 14)


def test_notice(library):
    sent = Queue()
    library.lend("Ulysses", notify=sent.put)
    assert sent.get(timeout=5) == "Ulysses is yours"
