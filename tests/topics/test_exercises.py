"""Promise 4: exercises prove themselves.

The starter fails in a named check, the solution passes, and each plausible wrong answer passes one
check at least and is rejected, by the check that its first comment names, in words that help.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from workbook.bank import Exercise, Topic, load_bank
from workbook.sandbox import Limits, Verdict, run_checks

ROOT = Path(__file__).parents[2]
BANK = load_bank()
EXERCISES = [
    pytest.param(topic, exercise, id=f"{topic.name}::{exercise.name}")
    for topic in BANK.values()
    for exercise in topic.exercises.values()
]


def wrong_answers(topic: Topic, exercise: Exercise) -> list[Path]:
    return sorted((topic.path / "wrong_answers" / exercise.name).glob("*.py"))


WRONG = [
    pytest.param(topic, exercise, file, id=f"{topic.name}::{exercise.name}-{file.stem}")
    for topic in BANK.values()
    for exercise in topic.exercises.values()
    for file in wrong_answers(topic, exercise)
]


@cache
def solutions() -> dict[str, str]:
    """Return the source of each exercise's cell in the solution notebooks."""
    return dict(cells(ROOT / "solutions"))


def cells(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield name and source of each exercise cell in a folder's notebooks."""
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            first, _, source = "".join(cell["source"]).partition("\n")
            if cell["cell_type"] == "code" and first.startswith("%%exercise"):
                yield first.split()[1], source


def judged(topic: Topic, exercise: Exercise, source: str) -> Verdict:
    limits = Limits(**exercise.limits.model_dump())
    return run_checks(source, topic.path / "checks.py", exercise.checks, limits)


@pytest.mark.parametrize(("topic", "exercise"), EXERCISES)
def test_the_starter_parses_and_fails_in_a_named_check(topic: Topic, exercise: Exercise) -> None:
    ast.parse(exercise.starter)
    verdict = judged(topic, exercise, exercise.starter)
    failed = [check for check in verdict.checks if not check.passed]
    assert not verdict.passed
    assert failed
    assert all(check.message for check in failed)


@pytest.mark.parametrize(("topic", "exercise"), EXERCISES)
def test_the_solution_passes(topic: Topic, exercise: Exercise) -> None:
    assert exercise.name in solutions(), f"no solution notebook has %%exercise {exercise.name}"
    verdict = judged(topic, exercise, solutions()[exercise.name])
    assert verdict.passed, (verdict.failure, [c for c in verdict.checks if not c.passed])
    assert [check.name for check in verdict.checks] == exercise.checks


@pytest.mark.parametrize(("topic", "exercise"), EXERCISES)
def test_an_exercise_has_three_wrong_answers(topic: Topic, exercise: Exercise) -> None:
    assert len(wrong_answers(topic, exercise)) >= 3


@pytest.mark.parametrize("topic", [pytest.param(topic, id=name) for name, topic in BANK.items()])
def test_wrong_answers_belong_to_exercises(topic: Topic) -> None:
    folders = {path.name for path in (topic.path / "wrong_answers").glob("*") if path.is_dir()}
    assert folders == set(topic.exercises)


def rejected_by(file: Path) -> str:
    """Return the name of the check in a wrong answer's first comment."""
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    match = re.fullmatch(r"# rejected by: (\w+)", first)
    assert match, f"{file}:1: the first line must be `# rejected by: NAME OF A CHECK`"
    return match[1]


@pytest.mark.parametrize(("topic", "exercise", "file"), WRONG)
def test_a_wrong_answer_is_rejected_in_words_that_help(
    topic: Topic, exercise: Exercise, file: Path
) -> None:
    name = rejected_by(file)
    assert name in exercise.checks, f"{file}:1: {exercise.name} has no check {name}"
    verdict = judged(topic, exercise, file.read_text(encoding="utf-8"))
    checks = {check.name: check for check in verdict.checks}
    assert any(check.passed for check in verdict.checks), f"{file} passes no check: not plausible"
    check = checks[name]
    assert not check.passed, f"{file} passes {name}"
    told = re.match(
        r"(?s)(?P<input>.{8,}?)[:,] expected (?P<expected>.+?), got (?P<got>.+)", check.message
    )
    assert told, (
        f"{file}: the message of {name} must be `input: expected X, got Y`: {check.message}"
    )
    assert told["expected"].strip() != told["got"].strip()
