"""Promise 1, the other half: a proof that never touches the library it names is refused.

Each library that a proof names is made impossible to import, in the proof and in every process that
it starts; the proof must then fail to observe its key. This is a module of its own so that another
worker can run it beside ``test_proofs.py``, and a scope for each topic, likewise.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path

import pytest

import workbook
from workbook.bank import Question, agrees, load_bank, proof_source
from workbook.sandbox import run_proof

PACKAGE = Path(workbook.__file__).parent


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
    pytest.param(proofs, question, library, id=f"{question.topic}::{question.id}-{library}")
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


@cache
def can_be_imported_without(library: str, proofs: Path) -> bool:
    """Whether a ``proofs.py`` can be imported where a library cannot."""
    ended = run_proof(proofs, "no proof", blocked=[library]).error or ""
    return "has no attribute 'no proof'" in ended


@cache
def definitions(proofs: Path) -> dict[str, list[ast.AST]]:
    """Return what a ``proofs.py`` defines at its top, by name, and what is in each definition."""
    found: dict[str, list[ast.AST]] = {}
    for node in ast.parse(proofs.read_text(encoding="utf-8")).body:
        names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names, node.decorator_list = [node.name], []
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
            node = with_helpers(node)
        elif not isinstance(node, ast.Assign | ast.AnnAssign):
            names = []
        for name in names:
            found.setdefault(name, []).extend(ast.walk(node))
    return found


def with_helpers(node: ast.Import | ast.ImportFrom) -> ast.AST:
    """Return an import, and with it the text of this package's modules that it is of."""
    module = getattr(node, "module", None) or ""
    names = [*module.split("."), *(alias.name for alias in node.names)]
    files = [PACKAGE / f"{name}.py" for name in names if module.startswith("workbook")]
    bodies = [ast.parse(file.read_text(encoding="utf-8")).body for file in files if file.exists()]
    return ast.Module([node, *(each for body in bodies for each in body)], [])


def words(node: ast.AST) -> list[str]:
    """Return the names that a node uses, in code that it holds as text too."""
    texts = [node.value] if isinstance(node, ast.Constant) else []
    if isinstance(node, ast.Name):
        texts = [node.id]
    elif isinstance(node, ast.Import | ast.ImportFrom):
        texts = [alias.name for alias in node.names] + [getattr(node, "module", None)]
    return [word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)]


def mentions(proofs: Path, name: str, library: str) -> bool:
    """Whether a proof, or anything of its file that it uses, names the library."""
    defined, seen, todo = definitions(proofs), set[str](), [name]
    while todo:
        if (name := todo.pop()) not in seen:
            seen.add(name)
            todo += [word for node in defined.get(name, ()) for word in words(node)]
    return library.partition(".")[0] in seen


@pytest.mark.needs_unix
@pytest.mark.parametrize(("proofs", "question", "library"), BLOCKED)
def test_a_proof_fails_without_its_library(proofs: Path, question: Question, library: str) -> None:
    name = question.proof or ""
    if not can_be_imported_without(library, proofs):  # then no proof of that file can be run
        assert mentions(proofs, name, library), (
            f"{proofs}: {name} is marked @proof({library!r}), which it never names"
        )
        return
    seen = run_proof(proofs, name, blocked=[library])
    assert seen.error or not agrees(question, seen), (
        f"{proofs}: {name} is marked @proof({library!r}) and observes the same without it"
    )
