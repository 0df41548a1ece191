"""The examples in CONTRIBUTING.md are a topic that loads, proves its keys and rejects mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbook.bank import KINDS, Question, Topic, agrees, load_topic, wrong_keys
from workbook.sandbox import run_checks, run_proof

ROOT = Path(__file__).parent.parent
SOLUTION = """
from decimal import Decimal, InvalidOperation

def parse_price(text):
    try:
        return int(Decimal(text) * 100)
    except InvalidOperation:
        raise ValueError(text) from None
"""


@pytest.fixture(scope="module")
def topic(tmp_path_factory: pytest.TempPathFactory) -> Topic:
    """The topic that the document's code blocks make, each named by its first line."""
    folder = tmp_path_factory.mktemp("topics") / "example"
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name, code in re.findall(r"^```\w+\n# (\S+\.\w+)\n(.*?)^```", text, re.M | re.S):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    return load_topic(folder)


def test_every_kind_of_question_has_an_example(topic: Topic) -> None:
    assert {question.kind for question in topic.questions.values()} == set(KINDS)


@pytest.mark.parametrize(
    "name", ["single", "multiple", "order", "match", "number", "line", "predict"]
)
def test_each_key_is_proved_and_each_moved_key_is_not(topic: Topic, name: str) -> None:
    question: Question = next(q for q in topic.questions.values() if q.kind == name)
    seen = run_proof(topic.path / "proofs.py", question.proof or "")
    assert seen.error is None
    assert agrees(question, seen), seen
    for key in wrong_keys(question):
        assert not agrees(question, seen, key), key


def test_the_starter_fails_the_solution_passes_and_the_wrong_answer_is_named(topic: Topic) -> None:
    exercise = topic.exercises["parse_price"]
    checks = topic.path / "checks.py"
    assert not run_checks(exercise.starter, checks, exercise.checks).passed
    assert run_checks(SOLUTION, checks, exercise.checks).passed
    wrong = (topic.path / "wrong_answers/parse_price/floats.py").read_text(encoding="utf-8")
    verdict = run_checks(wrong, checks, exercise.checks)
    failed = [check.name for check in verdict.checks if not check.passed]
    assert wrong.startswith(f"# rejected by: {failed[0]}\n")
    assert "'0.29'" in verdict.checks[0].message + str(verdict.checks[0].calls)
