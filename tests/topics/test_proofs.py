"""Promise 1: every key about behaviour is what the real thing does, and no other key is.

Each proof runs once, for its key and for every key moved elsewhere.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from workbook.bank import Question, agrees, load_bank, proof_source, wrong_keys
from workbook.sandbox import Observation, run_proof


def needs(question: Question) -> list[pytest.MarkDecorator]:
    """Return the marks of what a proof needs: ``@proof("asyncpg", needs="pgbouncer")``."""
    named = re.findall(r'(?m)^@proof\(.*\bneeds="(\w+)"', proof_source(question) or "")
    return [getattr(pytest.mark, f"needs_{name}") for name in named]


PROVED = [
    # With `::` in their ids the proofs of each topic are a scope of their own for xdist.
    pytest.param(topic.path / "proofs.py", question, id=f"{name}::{id}", marks=needs(question))
    for name, topic in load_bank().items()
    for id, question in topic.questions.items()
    if question.proof
]


@cache
def observe(proofs: Path, name: str) -> Observation:
    """Run a proof; questions that share one share its observation."""
    return run_proof(proofs, name)


@pytest.mark.needs_unix
@pytest.mark.parametrize(("proofs", "question"), PROVED)
def test_the_key_is_what_the_proof_observes_and_no_moved_key_is(
    proofs: Path, question: Question
) -> None:
    where = f"{proofs.parent / 'questions.yml'}:{question.line}"
    seen = observe(proofs, question.proof or "")
    assert seen.error is None, f"{where}: the proof failed: {seen.error}\n{seen.output}"
    assert agrees(question, seen), f"{where}: the key is not what the proof observed: {seen}"
    moved = wrong_keys(question)
    assert moved
    for key in moved:
        assert not agrees(question, seen, key), f"{where}: {key} agrees with the proof as well"
