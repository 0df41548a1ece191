"""Simple mutants of a program: one comparison, constant, operator, condition or return changed.

A topic's ``equivalent_mutants.yml`` lists those that no check can tell from the solution::

    - exercise: add_two
      line: return n + 2          # as it stands in the solution, without the indentation
      was: n + 2
      becomes: 2 + n
      reason: Addition is commutative.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

COMPARISONS = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
FIELDS = ["exercise", "line", "was", "becomes", "reason"]


@dataclass(frozen=True)
class Mutant:
    """A changed program: which kind of change, in which line, from what to what."""

    kind: str
    line: str
    was: str
    becomes: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.line, self.was, self.becomes


def alternatives(node: ast.AST) -> Iterator[tuple[str, ast.AST, str, Any]]:
    """Yield kind, node, the field to set and what to set it to."""
    match node:
        case ast.Compare(ops=[op, *rest]):
            yield "comparison", node, "ops", [COMPARISONS[type(op)](), *rest]
        case ast.Constant(value=bool()):
            yield "constant", node, "value", not node.value
        case ast.Constant(value=int() | float()):
            yield "constant", node, "value", node.value + 1
        case ast.Constant(value=str()):
            yield "constant", node, "value", f"XX{node.value}"
        case ast.Constant(value=bytes()):
            yield "constant", node, "value", b"XX" + node.value
        case ast.BinOp() | ast.AugAssign() if type(node.op) in ARITHMETIC:
            yield "arithmetic", node, "op", ARITHMETIC[type(node.op)]()
        case ast.BoolOp():
            yield "boolean", node, "op", (ast.Or if isinstance(node.op, ast.And) else ast.And)()
        case ast.UnaryOp(op=ast.Not()):
            yield "boolean", node, "operand", ast.UnaryOp(ast.Not(), node.operand)
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(
            node.test, ast.Constant | ast.Compare | ast.UnaryOp
        ):
            yield "boolean", node, "test", ast.UnaryOp(ast.Not(), node.test)
        case ast.Return(value=ast.expr()) if ast.unparse(node) != "return None":
            yield "return", node, "value", None


def behaviour(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through all that has an effect: no docstrings, no annotations, no imports."""
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        children = field if isinstance(field, list) else [field]
        if name == "body" and children and isinstance(children[0], ast.Expr):
            text = children[0].value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                children = children[1:]
        for child in children:
            if isinstance(child, ast.AST) and not isinstance(child, ast.Import | ast.ImportFrom):
                yield child
                yield from behaviour(child)


def mutants(source: str) -> list[Mutant]:
    """Return all simple mutants of a program, each once."""
    tree, lines = ast.parse(source), source.splitlines()
    original, found = ast.unparse(tree), {}
    for node in behaviour(tree):
        for kind, changed, field, value in alternatives(node):
            kept, was = getattr(changed, field), ast.unparse(getattr(node, "test", node))
            setattr(changed, field, value)
            becomes, text = ast.unparse(getattr(node, "test", node)), ast.unparse(tree)
            setattr(changed, field, kept)
            if text != original:
                line = lines[node.lineno - 1].strip()
                found.setdefault(text, Mutant(kind, line, was, becomes, text))
    return list(found.values())


def solutions(folder: Path) -> dict[str, str]:
    """Return the source of each exercise's cell in a folder's notebooks."""
    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            first, _, source = "".join(cell["source"]).partition("\n")
            if cell["cell_type"] == "code" and first.startswith("%%exercise"):
                found[first.split()[1]] = source
    return found


def equivalent(topic: Path) -> dict[tuple[str, str, str, str], str]:
    """Return exercise, line, was and becomes of each listed mutant, with the reason."""
    file = topic / "equivalent_mutants.yml"
    entries = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else []
    listed = {}
    for number, entry in enumerate(entries or [], 1):
        assert isinstance(entry, dict), f"{file}: entry {number} must have {', '.join(FIELDS)}"
        assert sorted(entry) == sorted(FIELDS), f"{file}: entry {number} must have {FIELDS}"
        assert all(isinstance(value, str) for value in entry.values()), f"{file}: entry {number}"
        assert len(entry["reason"]) >= 20, f"{file}: entry {number} needs a reason"
        key = entry["exercise"], entry["line"], entry["was"], entry["becomes"]
        assert key not in listed, f"{file}: entry {number} is there twice"
        listed[key] = entry["reason"]
    return listed


def faults(
    survivors: Iterable[tuple[str, str, str, str]], listed: Iterable[tuple[str, str, str, str]]
) -> list[str]:
    """Say which mutant survives without being listed, and which is listed and does not survive."""
    survivors, listed = set(survivors), set(listed)
    unlisted = [f"survives, and is not listed: {' | '.join(key)}" for key in survivors - listed]
    stale = [f"is listed, and does not survive: {' | '.join(key)}" for key in listed - survivors]
    return sorted(unlisted + stale)
