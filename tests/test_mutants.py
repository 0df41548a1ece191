"""The checks of every exercise reject every simple mutant of its solution, but for listed ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mutation import Mutant, equivalent, faults, mutants, solutions

from workbook.bank import Exercise, Topic, load_bank
from workbook.sandbox import Limits, run_checks

ROOT = Path(__file__).parent.parent
BANK = load_bank()
TOPICS = [pytest.param(topic, id=name) for name, topic in BANK.items() if topic.exercises]
SOLUTIONS = solutions(ROOT / "solutions")
Key = tuple[str, str, str, str]

PROGRAM = '''
"""A module."""
import os

def f(a: "int", b) -> "bool":
    """A function."""
    total = a + b * 2
    total -= 1
    if a == b and not (a < 3) or b in "xy":
        return b"z"
    while flag(a):
        return None
    return f"id {total}", 1.5, True
'''


def test_each_kind_of_change_is_made() -> None:
    made = {(mutant.kind, mutant.was, mutant.becomes) for mutant in mutants(PROGRAM)}
    assert made == {
        ("arithmetic", "a + b * 2", "a - b * 2"),
        ("arithmetic", "b * 2", "b + 2"),
        ("constant", "2", "3"),
        ("arithmetic", "total -= 1", "total += 1"),
        ("constant", "1", "2"),
        ("boolean", "not a < 3", "not not a < 3"),
        ("boolean", "a == b and (not a < 3)", "a == b or not a < 3"),
        ("comparison", "a == b", "a != b"),
        ("comparison", "a < 3", "a <= 3"),
        ("constant", "3", "4"),
        ("comparison", "b in 'xy'", "b not in 'xy'"),
        ("constant", "'xy'", "'XXxy'"),
        (
            "boolean",
            "a == b and (not a < 3) or b in 'xy'",
            "(a == b and (not a < 3)) and b in 'xy'",
        ),
        (
            "boolean",
            "a == b and (not a < 3) or b in 'xy'",
            "not (a == b and (not a < 3) or b in 'xy')",
        ),
        ("return", "return b'z'", "return"),
        ("constant", "b'z'", "b'XXz'"),
        ("boolean", "flag(a)", "not flag(a)"),
        ("return", "return (f'id {total}', 1.5, True)", "return"),
        ("constant", "'id '", "'XXid '"),
        ("constant", "1.5", "2.5"),
        ("constant", "True", "False"),
    }
    assert all(mutant.line in PROGRAM for mutant in mutants(PROGRAM))


def test_a_mutant_is_the_program_with_one_change() -> None:
    found = {mutant.source for mutant in mutants("def f(n):\n    return n + 2\n")}
    assert found == {
        "def f(n):\n    return n - 2",
        "def f(n):\n    return n + 3",
        "def f(n):\n    return",
    }


def test_unlisted_survivors_and_stale_entries_are_faults() -> None:
    one, two = ("e", "x = 1", "1", "2"), ("e", "y = 1", "1", "2")
    assert faults([one], [one]) == []
    assert faults([one], []) == ["survives, and is not listed: e | x = 1 | 1 | 2"]
    assert faults([], [two]) == ["is listed, and does not survive: e | y = 1 | 1 | 2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- just a text", "entry 1 must have"),
        ("- {exercise: e, line: x, was: a, becomes: b}", "entry 1 must have"),
        ("- {exercise: e, line: x, was: a, becomes: b, reason: short}", "entry 1 needs a reason"),
        (
            2 * "- {exercise: e, line: x, was: a, becomes: b, reason: the same in every way}\n",
            "twice",
        ),
    ],
)
def test_a_bad_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "equivalent_mutants.yml").write_text(text)
    with pytest.raises(AssertionError, match=message):
        equivalent(tmp_path)


def made(topic: Topic) -> list[tuple[Exercise, Mutant]]:
    """All mutants of a topic's solutions."""
    exercises = topic.exercises.values()
    return [(each, mutant) for each in exercises for mutant in mutants(SOLUTIONS[each.name])]


def key(exercise: Exercise, mutant: Mutant) -> Key:
    return exercise.name, *mutant.key


def survives(topic: Topic, exercise: Exercise, mutant: Mutant) -> bool:
    limits = Limits(**exercise.limits.model_dump())
    return run_checks(mutant.source, topic.path / "checks.py", exercise.checks, limits).passed


@pytest.mark.parametrize("topic", TOPICS)
def test_the_list_is_short_and_of_mutants_that_exist(topic: Topic) -> None:
    listed, everything = equivalent(topic.path), made(topic)
    assert set(listed) <= {key(*each) for each in everything}
    assert len([each for each in everything if key(*each) in listed]) <= 0.05 * len(everything)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_sample_of_mutants_is_rejected(topic: Topic) -> None:
    """One of each kind of change, the same ones each time."""
    listed, sample = equivalent(topic.path), {}
    for exercise, mutant in sorted(
        made(topic), key=lambda each: hashlib.sha256(each[1].source.encode()).digest()
    ):
        if key(exercise, mutant) not in listed:
            sample.setdefault(mutant.kind, (exercise, mutant))
    assert sample
    for exercise, mutant in sample.values():
        assert not survives(topic, exercise, mutant), key(exercise, mutant)


@pytest.mark.soak
@pytest.mark.parametrize("topic", TOPICS)
def test_every_mutant_is_rejected_but_the_listed(
    topic: Topic, soak_row: Callable[[str, str], None]
) -> None:
    listed, everything = equivalent(topic.path), made(topic)
    with ThreadPoolExecutor(2) as pool:
        passed = list(pool.map(lambda each: survives(topic, *each), everything))
    survivors = [key(*each) for each, alive in zip(everything, passed, strict=True) if alive]
    soak_row(
        f"{topic.name}: simple mutants of the solutions are rejected, but for listed ones",
        f"{len(everything)} mutants, {len(everything) - len(survivors)} rejected, "
        f"{len(listed)} listed",
    )
    assert faults(survivors, listed) == []
