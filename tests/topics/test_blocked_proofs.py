"""Promise 1, the other half: a proof that never touches the library it names is refused.

Each library that a proof names is made impossible to import, in the proof and in every process that
it starts; the proof must then fail to observe its key. This is a module of its own so that another
worker can run it beside ``test_proofs.py``.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

from workbook.bank import Question, agrees, load_bank, proof_source
from workbook.sandbox import run_proof


def libraries(question: Question) -> list[str]:
    """Return the names that a proof is marked with, without importing it."""
    function = ast.parse(proof_source(question) or "").body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    marks = [mark for mark in function.decorator_list if isinstance(mark, ast.Call)]
    [mark] = [mark for mark in marks if ast.unparse(mark.func).split(".")[-1] == "proof"]
    return [ast.literal_eval(name) for name in mark.args]


PROVED = {
    (topic.path / "proofs.py", question.proof): question
    for topic in load_bank().values()
    for question in topic.questions.values()
    if question.proof
}
BLOCKED = [
    pytest.param(proofs, question, library, id=f"{question.ref}-{library}")
    for (proofs, _), question in PROVED.items()
    for library in libraries(question)
]


@pytest.mark.parametrize("question", [pytest.param(q, id=q.ref) for q in PROVED.values()])
def test_a_proof_names_libraries_that_exist(question: Question) -> None:
    named = libraries(question)
    assert named, f"{question.ref}: @proof() names no library"
    for library in named:
        there = library in sys.modules or importlib.util.find_spec(library)
        assert there, f"{question.ref}: there is no library {library}"


@pytest.mark.needs_unix
@pytest.mark.parametrize(("proofs", "question", "library"), BLOCKED)
def test_a_proof_fails_without_its_library(proofs: Path, question: Question, library: str) -> None:
    seen = run_proof(proofs, question.proof or "", blocked=[library])
    assert seen.error or not agrees(question, seen), (
        f"{proofs}: {question.proof} is marked @proof({library!r}) and observes the same without it"
    )
