"""``tests/coverage.yml`` is the list of what the workbook covers; these tests keep it honest."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from workbook import bank

ROOT = Path(__file__).parents[1]
TOPICS = [
    "start_simple",
    "project_layout",
    "package_organization",
    "web_frameworks",
    "wsgi_and_asgi",
    "background_tasks",
    "database_layer",
    "configuration",
    "testing",
    "anti_patterns",
    "practical_projects",
    "interview_questions",
    "quick_reference",
]
FIELDS = {"title", "section", "proof", "no_proof", "planned"}


def faults(coverage: dict[str, dict[str, Any]], root: Path = ROOT) -> list[str]:
    """Return everything that is wrong with a coverage list, one line each."""
    found = []
    entries = {key: entry for part in coverage.values() for key, entry in part.items()}
    if len(entries) < sum(map(len, coverage.values())):
        found.append("an id stands in two parts of the list")
    written = {path.stem[3:] for path in (root / "notebooks").glob("[01]?_*.ipynb")}
    for key, entry in entries.items():
        for name in entry.keys() - FIELDS:
            found.append(f"{key}: unknown field {name}")
        if not entry.get("title"):
            found.append(f"{key}: no title")
        if not entry.get("section") and not entry.get("planned"):
            found.append(f"{key}: neither a section nor planned")
        for topic in entry.get("planned", []):
            if topic not in TOPICS:
                found.append(f"{key}: planned for {topic}, which is no topic")
            elif topic in written:
                found.append(f"{key}: planned for {topic}, which is written")
        for place in entry.get("section", []):
            notebook, _, heading = place.partition("#")
            if heading not in headings(root / "notebooks" / f"{notebook}.ipynb"):
                found.append(f"{key}: no section {place}")
        if entry.get("section") and bool(entry.get("proof")) == bool(entry.get("no_proof")):
            found.append(f"{key}: a section needs a proof, or no_proof with the reason")
        for reference in entry.get("proof", []):
            topic, _, name = reference.partition("/")
            if name not in proofs(root / "src/workbook/topics" / topic):
                found.append(f"{key}: no proof {reference}")
    return found


@cache
def headings(notebook: Path) -> set[str]:
    """Return the headings of a notebook, without their hashes."""
    if not notebook.exists():
        return set()
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^#+ (.*?)\s*$", text, re.MULTILINE))


@cache
def proofs(topic: Path) -> set[str]:
    """Return the names of the proofs that the questions of a topic use."""
    if not (topic / "questions.yml").exists():
        return set()
    questions = bank.load_topic(topic).questions.values()
    return {question.proof for question in questions if question.proof}


@pytest.fixture(scope="module")
def coverage() -> dict[str, dict[str, Any]]:
    listed: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests/coverage.yml").read_text())
    return listed


def test_the_list_is_sound(coverage: dict[str, dict[str, Any]]) -> None:
    assert not faults(coverage)


def test_the_list_is_complete(coverage: dict[str, dict[str, Any]]) -> None:
    assert {part: len(entries) for part, entries in coverage.items()} == {
        "headings": 81,
        "errata": 125,
        "omissions": 27,
    }
    assert list(coverage["omissions"]) == [f"O{n}" for n in range(1, 28)]
    numbers = [int(re.findall(r"\d+", key)[0]) for key in coverage["errata"]]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"title": "x"}, "neither a section nor planned"),
        ({"planned": ["testing"]}, "no title"),
        ({"title": "x", "planned": ["nonsense"]}, "is no topic"),
        ({"title": "x", "planned": ["wsgi_and_asgi"]}, "which is written"),
        ({"title": "x", "planned": ["testing"], "colour": 1}, "unknown field colour"),
        ({"title": "x", "section": ["05_wsgi_and_asgi#No such"], "no_proof": "y"}, "no section"),
        ({"title": "x", "section": ["77_nothing#Summary"], "no_proof": "y"}, "no section"),
        ({"title": "x", "section": ["05_wsgi_and_asgi#Summary"]}, "needs a proof"),
        (
            {"title": "x", "section": ["05_wsgi_and_asgi#Summary"], "proof": ["wsgi_and_asgi/no"]},
            "no proof wsgi_and_asgi/no",
        ),
    ],
)
def test_each_fault_is_found(entry: dict[str, Any], fault: str) -> None:
    assert any(fault in line for line in faults({"headings": {"probe": entry}}))


def test_an_id_given_twice_is_found() -> None:
    entry = {"title": "x", "planned": ["testing"]}
    assert faults({"headings": {"E1": entry}, "errata": {"E1": entry}})
