"""What the committed notebooks hold: outputs that can be verified, in the order of a chapter.

That the outputs are *true* is nbval's work, in the same run: ``run.py test`` calls::

    pytest -m "not soak" --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg
           --nbval-cell-timeout 300 -n 2 --dist loadscope tests notebooks/*.ipynb solutions/*.ipynb
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from workbook.authoring import MEASURED, WIDGET
from workbook.bank import load_bank

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*.ipynb")])
BANK = load_bank()

Cell = dict[str, Any]


@cache
def cells(path: Path) -> tuple[Cell, ...]:
    """Return a notebook's cells, each source as one text."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return tuple({**cell, "source": "".join(cell["source"])} for cell in content["cells"])


def code(path: Path) -> list[Cell]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def printed(cell: Cell, *kinds: str) -> str:
    """Return what a cell printed and showed as plain text, or as other kinds too."""
    texts = []
    for output in cell["outputs"]:
        texts.append("".join(output.get("text", "")))
        texts += ["".join(output.get("data", {}).get(kind, "")) for kind in ("text/plain", *kinds)]
    return "\n".join(texts)


def tags(cell: Cell) -> list[str]:
    return cell["metadata"].get("tags", [])


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)


# ---------------------------------------------------------------- stored outputs


@every_notebook
def test_no_widget_is_stored(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert "widgets" not in content["metadata"]
    views = [out for cell in code(path) for out in cell["outputs"] if WIDGET in out.get("data", {})]
    assert views == []


@every_notebook
def test_every_code_cell_was_run_once_and_in_order(path: Path) -> None:
    assert [cell["execution_count"] for cell in code(path)] == [*range(1, len(code(path)) + 1)]


@every_notebook
def test_an_ignored_output_is_rare_and_asserted(path: Path) -> None:
    assert not [cell for cell in code(path) if "nbval-skip" in tags(cell)]
    assert not re.search(r"#\s*(NBVAL|PYTEST)_", "\n".join(cell["source"] for cell in code(path)))
    ignored = [cell for cell in code(path) if "nbval-ignore-output" in tags(cell)]
    assert len(ignored) <= len(code(path)) / 10
    for cell in ignored:
        nodes = ast.walk(ast.parse(re.sub(r"(?m)^\s*[%!].*$", "pass", cell["source"])))
        assert any(isinstance(node, ast.Assert) for node in nodes), cell["source"]


@every_notebook
def test_no_cell_failed_unless_it_is_tagged(path: Path) -> None:
    for cell in code(path):
        if "raises-exception" not in tags(cell):
            failures = [o for o in cell["outputs"] if o["output_type"] == "error"]
            assert failures == [], cell["source"]


@every_notebook
def test_outputs_name_no_place_of_the_machine_that_made_them(path: Path) -> None:
    for cell in code(path):
        text = json.dumps(cell["outputs"])
        assert not re.search(r"/(home|root|tmp|Users|work|var/folders)/|[A-Z]:\\\\Users", text)


@every_notebook
def test_measured_values_are_marked(path: Path) -> None:
    """A number with a unit of time or rate is marked, unless it stands in the notebook's code.

    A test can see no more of where a number comes from; nbval sees the rest, when it changes.
    """
    written = "\n".join(cell["source"] for cell in cells(path))
    amounts = re.compile(r"(?<![\w.,])(\d[\d,]*\.?\d*)\s*(?:s|ms|µs|us|seconds|MB|/s|per second)\b")
    for cell in code(path):
        unmarked = MEASURED.sub("≈", printed(cell))
        strange = [n for n in amounts.findall(unmarked) if not re.search(rf"\b{n}\b", written)]
        assert strange == [], cell["source"]


@every_notebook
def test_a_picture_is_drawn_from_data_that_its_cell_prints_or_asserts(path: Path) -> None:
    for cell in code(path):
        kinds = {kind for output in cell["outputs"] for kind in output.get("data", {})}
        if any(kind.startswith("image/") for kind in kinds):
            told = re.sub(r"<Figure[^>]*>|\s", "", printed(cell))
            assert told or "assert " in cell["source"], cell["source"]


# ---------------------------------------------------------------- questions and exercises


def asked(cell: Cell) -> list[str]:
    """Return the questions that a cell shows."""
    if cell["cell_type"] != "code" or "quiz(" not in cell["source"]:
        return []
    tree = ast.parse(re.sub(r"(?m)^\s*[%!].*$", "pass", cell["source"]))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    quizzes = [call for call in calls if ast.unparse(call.func) in ("quiz", "workbook.quiz")]
    return [ast.literal_eval(argument) for call in quizzes for argument in call.args]


def exercise_cells(path: Path) -> Iterator[tuple[str, Cell, str]]:
    """Yield name, cell and code of each exercise cell."""
    for cell in code(path):
        first, _, source = cell["source"].partition("\n")
        if first.startswith("%%exercise"):
            yield first.split()[1], cell, source


STARTERS = {name: e.starter for topic in BANK.values() for name, e in topic.exercises.items()}
CHAPTERS = [path for path in NOTEBOOKS if path.parent.name == "notebooks" and path.stem[:2] != "00"]


@every_notebook
def test_questions_and_exercises_of_a_notebook_exist(path: Path) -> None:
    known = {question.ref for topic in BANK.values() for question in topic.questions.values()}
    assert {ref for cell in cells(path) for ref in asked(cell)} <= known
    for name, cell, _ in exercise_cells(path):
        assert name in STARTERS
        assert "exercise" in tags(cell)


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_starter_is_the_one_of_exercises_yml(path: Path) -> None:
    for name, _, source in exercise_cells(path):
        assert source.rstrip("\n") == STARTERS[name].rstrip("\n"), name


def notebooks_of(topic: str, folder: str) -> list[Path]:
    """Return the notebooks of a topic: ``05_wsgi_and_asgi``, or ``12a_...`` and its sisters."""
    found = sorted((ROOT / folder).glob("*.ipynb"))
    return [path for path in found if re.fullmatch(rf"\d\d[a-z]?_{topic}(_\w+)?", path.stem)]


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
@pytest.mark.parametrize("topic", BANK)
def test_every_exercise_has_its_cell(topic: str, folder: str) -> None:
    found = [name for path in notebooks_of(topic, folder) for name, *_ in exercise_cells(path)]
    assert sorted(found) == sorted(BANK[topic].exercises)


@pytest.mark.parametrize("topic", BANK)
def test_every_question_is_asked_once_in_its_chapter(topic: str) -> None:
    paths = notebooks_of(topic, "notebooks")
    refs = [ref for path in paths for cell in cells(path) for ref in asked(cell)]
    own = [ref for ref in refs if ref.startswith(f"{topic}/")]
    assert sorted(own) == sorted(question.ref for question in BANK[topic].questions.values())


@pytest.mark.parametrize("topic", BANK)
def test_a_solution_notebook_discusses_each_solution(topic: str) -> None:
    for path in notebooks_of(topic, "solutions"):
        for before, after in pairwise(cells(path)):
            if before["source"].startswith("%%exercise"):
                assert after["cell_type"] == "markdown", before["source"]
                assert len(after["source"]) > 200


# ---------------------------------------------------------------- the anatomy of a chapter

#: The chapters that follow DESIGN's order; 11 to 13 follow their issue instead.
ORDERED = [path for path in CHAPTERS if path.stem[:2] <= "10"]
PARTS = ["warm-?up", "exercises", "in the interview", "then and now"]
ENDING = ["(chapter )?quiz|.*quiz", "summary", "further reading"]
every_chapter = pytest.mark.parametrize("path", ORDERED, ids=name_of)


def sections(path: Path) -> list[tuple[str, list[Cell]]]:
    """Return the headings of level 2, each with its cells; the first is the title, of level 1."""
    found: list[tuple[str, list[Cell]]] = []
    for cell in cells(path):
        parts = [cell["source"]]
        if cell["cell_type"] == "markdown":
            text = re.sub(r"(?ms)^```.*?^```", "", cell["source"])
            parts = [part for part in re.split(r"(?m)^(?=##? )", text) if part.strip()]
        for part in parts:
            heading = re.match(r"##? (.+)", part) if cell["cell_type"] == "markdown" else None
            if heading:
                found.append((heading[1].strip(), []))
            found[-1][1].append({**cell, "source": part})
    return found


def text_of(part: list[Cell]) -> str:
    return "\n".join(cell["source"] for cell in part if cell["cell_type"] == "markdown")


def find(path: Path, title: str) -> int:
    """Return the position of the part with a title like this."""
    pattern = re.compile(rf"(\d+\.? )?({title})\b.*", re.I)
    found = [i for i, (heading, _) in enumerate(sections(path)) if pattern.fullmatch(heading)]
    assert found, f"{name_of(path)} has no part {title!r}: {[h for h, _ in sections(path)]}"
    return found[-1] if title in ENDING else found[0]


@every_chapter
def test_a_chapter_opens_with_what_it_gives_and_asks(path: Path) -> None:
    assert cells(path)[0]["source"].startswith("# ")
    opening = "\n".join(text_of(part) for _, part in sections(path)[: find(path, "warm-?up")])
    goals = re.search(
        r"(?is)(?:able to|you can)\b.*?\n((?:\s*\n|\s*([-*]|\d\.) .+\n?(?:  +.+\n?)*)+)", opening
    )
    assert goals, "say what you will be able to do, as a list"
    assert 3 <= len(re.findall(r"(?m)^\s*(?:[-*]|\d\.) ", goals[1])) <= 5
    assert re.search(r"\b(an|\d+)( to \d+)? (minutes|hours?)\b", opening), "say how long it takes"
    assert re.search(
        r"(?i)know (first|before)|you should (already )?know|before you start", opening
    )


@every_chapter
def test_the_parts_of_a_chapter_come_in_order(path: Path) -> None:
    places = [find(path, title) for title in [*PARTS, *ENDING]]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    assert 4 <= places[1] - places[0] - 1 <= 10, "four to ten sections"


@every_chapter
def test_the_warm_up_asks_two_or_three_questions(path: Path) -> None:
    _, part = sections(path)[find(path, "warm-?up")]
    assert 2 <= sum(len(asked(cell)) for cell in part) <= 3


@every_chapter
def test_every_section_predicts_runs_and_checks(path: Path) -> None:
    for heading, part in sections(path)[find(path, "warm-?up") + 1 : find(path, "exercises")]:
        questions = [ref for cell in part for ref in asked(cell)]
        runs = [cell for cell in part if cell["cell_type"] == "code" and not asked(cell)]
        assert questions, f"{heading} asks nothing"
        assert runs, f"{heading} runs nothing"
        assert part[0]["cell_type"] == "markdown"


@every_chapter
def test_cells_are_short(path: Path) -> None:
    for cell in code(path):
        if "exercise" not in tags(cell):
            lines = re.findall(r"(?m)^(?!%%|import |from ).*\S", cell["source"])
            assert len(lines) <= 25, cell["source"]


@every_chapter
def test_the_interview_tells_answers_apart(path: Path) -> None:
    _, part = sections(path)[find(path, "in the interview")]
    text = text_of(part).lower()
    assert {word for word in ("weak", "good", "excellent") if word not in text} == set()
    assert re.search(r"follow|ask next", text), "the follow-ups"
    assert re.search(r"(?m)^\|[-: |]+\|$", text), "the trade-off table"


@every_chapter
def test_the_chapter_ends_with_quiz_summary_and_reading(path: Path) -> None:
    quiz, summary, reading = (find(path, title) for title in ENDING)
    assert any(asked(cell) for cell in sections(path)[quiz][1])
    assert len(text_of(sections(path)[summary][1])) > 200
    assert len(re.findall(r"\]\(https?://", text_of(sections(path)[reading][1]))) >= 3


@every_chapter
def test_cells_await_rather_than_run_a_loop_of_their_own(path: Path) -> None:
    for cell in code(path):
        if "exercise" not in tags(cell) and not cell["source"].startswith("%%"):
            assert "asyncio.run(" not in cell["source"], cell["source"]
