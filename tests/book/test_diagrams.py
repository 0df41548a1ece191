"""The diagrams: every fence has its pictures, and the pictures can be shown anywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from diagrams import draw_missing
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from workbook.book import PICTURES, Diagram, find_diagrams

ROOT = Path(__file__).parent.parent.parent
DIAGRAMS = list(find_diagrams(ROOT))
FENCE = """sequenceDiagram
    accTitle: A request
    accDescr: A browser asks a server, which answers.
    Browser->>Server: GET / <br> "now"
    Server-->>Browser: 200
"""


def write_notebook(root: Path, *fences: str) -> None:
    """Write a notebook with these fences, in a repository at ``root``."""
    cells = [new_markdown_cell(f"Text\n\n```mermaid\n{fence}```\n") for fence in fences]
    cells += [new_markdown_cell(f"````text\n```mermaid\n{FENCE}```\n````"), new_code_cell(FENCE)]
    (root / "notebooks").mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / "01_x.ipynb")


def diagrams_command(root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``tools/diagrams.py`` in ``root``."""
    command = [sys.executable, ROOT / "tools" / "diagrams.py"]
    return subprocess.run(
        command, cwd=root, env=os.environ | env, capture_output=True, text=True, check=False
    )


# ---------------------------------------------------------------- what is committed


def test_every_diagram_of_the_workbook_has_a_title_a_description_and_its_pictures() -> None:
    assert [fault for diagram in DIAGRAMS if (fault := diagram.fault(ROOT))] == []


def test_no_picture_is_left_over_from_a_diagram_that_changed() -> None:
    wanted = {picture for diagram in DIAGRAMS for picture in diagram.pictures(ROOT)}
    assert set((ROOT / PICTURES).glob("*")) == wanted


@pytest.mark.parametrize("picture", sorted((ROOT / PICTURES).glob("*.svg")), ids=lambda p: p.stem)
def test_a_picture_is_plain_svg_that_asks_nobody_for_anything(picture: Path) -> None:
    check_picture(picture)


def check_picture(picture: Path) -> None:
    """Check that a picture is well-formed and holds no script, no HTML and no address."""
    text = picture.read_text(encoding="utf-8")
    elements = list(ElementTree.fromstring(text).iter())
    assert {e.tag.partition("}")[0] for e in elements} == {"{http://www.w3.org/2000/svg"}
    names = {e.tag.partition("}")[2] for e in elements}
    assert names.isdisjoint({"script", "foreignObject", "image", "use", "a", "iframe"})
    attributes = [(key, value) for e in elements for key, value in e.attrib.items()]
    assert not [key for key, _ in attributes if key.startswith("on") or key.endswith("href")]
    addresses = set(re.findall(r"\w+://[^\"'\s)<]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "@import" not in text
    assert elements[0].attrib["width"].isdigit(), "a browser needs its size to lay the page out"


# ---------------------------------------------------------------- what is asked of a diagram


@pytest.mark.parametrize(
    ("source", "title", "description"),
    [
        ("accTitle: T\naccDescr: D", "T", "D"),
        ("  accTitle : T t \n accDescr {\n  one\n  two\n }\nA --> B", "T t", "one two"),
        ("accDescr { D }\naccTitle: a: b", "a: b", "D"),
        ("accTitle:\nA --> B", "", ""),
        ("A[accTitle: no] --> B", "", ""),
    ],
)
def test_the_text_alternative_is_read_in_both_forms_of_mermaid(
    source: str, title: str, description: str
) -> None:
    diagram = Diagram("x", source)
    assert (diagram.said("accTitle"), diagram.said("accDescr")) == (title, description)


def test_a_fault_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    bare, untold, undrawn = "graph LR\nA-->B", "accTitle: T", "accTitle: T\naccDescr: D"
    assert Diagram("nb, cell 3", bare).fault(tmp_path) == (
        "nb, cell 3: a mermaid fence without accTitle: add a line 'accTitle: ...'"
    )
    assert "without accDescr" in str(Diagram("nb, cell 3", untold).fault(tmp_path))
    diagram = Diagram("nb, cell 3", undrawn)
    assert str(diagram.fault(tmp_path)) == (
        "nb, cell 3: the diagram 'T' has no picture for the book: "
        "run `python3 run.py refresh` and commit what it draws"
    )
    for picture in diagram.pictures(tmp_path):
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text("<svg/>", encoding="utf-8")
    assert diagram.fault(tmp_path) is None
    diagram.pictures(tmp_path)[1].unlink()
    assert diagram.fault(tmp_path)


def test_a_changed_source_has_other_pictures_and_blank_lines_around_it_do_not_count() -> None:
    one, same, other = (Diagram("", s) for s in (FENCE, f"\n{FENCE}\n", FENCE + "A->>B: x"))
    assert one.name == same.name != other.name


def test_only_fences_of_markdown_cells_count(tmp_path: Path) -> None:
    write_notebook(tmp_path, FENCE)
    assert [d.source for d in find_diagrams(tmp_path)] == [FENCE]
    assert [d.where for d in find_diagrams(tmp_path)] == [
        f"{Path('notebooks', '01_x.ipynb')}, cell 0"
    ]


def test_left_over_pictures_are_deleted_without_a_browser(tmp_path: Path) -> None:
    write_notebook(tmp_path)
    old = tmp_path / PICTURES / "0123456789abcdef-light.svg"
    old.parent.mkdir()
    old.write_text("<svg/>", encoding="utf-8")
    assert draw_missing(tmp_path) == [old]
    assert not old.exists()


# ---------------------------------------------------------------- drawing


@pytest.mark.needs_chromium
def test_drawing_makes_the_same_files_again_and_only_those_that_are_missing(tmp_path: Path) -> None:
    write_notebook(tmp_path, FENCE)
    first = diagrams_command(tmp_path)
    assert first.returncode == 0, first.stderr
    [dark, light] = sorted((tmp_path / PICTURES).iterdir())
    assert first.stdout == "".join(
        f"drew {path.relative_to(tmp_path).as_posix()}\n" for path in (dark, light)
    )
    pictures = {path: path.read_bytes() for path in (dark, light)}
    assert pictures[dark] != pictures[light]
    for path in pictures:
        check_picture(path)
        assert b"A browser asks a server" in pictures[path]
    assert diagrams_command(tmp_path).stdout == ""
    dark.unlink()
    assert diagrams_command(tmp_path).returncode == 0
    assert {path: path.read_bytes() for path in (dark, light)} == pictures


@pytest.mark.needs_chromium
def test_a_diagram_that_is_not_mermaid_is_one_clear_message(tmp_path: Path) -> None:
    write_notebook(tmp_path, FENCE, "flowchart LR\n accTitle: T\n accDescr: D\n A --> --> [\n")
    result = diagrams_command(tmp_path)
    assert result.returncode == 1
    assert "notebooks" in result.stderr
    assert "cell 1" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.needs_unix
def test_without_chromium_the_command_says_that_it_needs_one(tmp_path: Path) -> None:
    write_notebook(tmp_path, FENCE)
    broken = tmp_path / "chromium-headless-shell"  # the one looked for first
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    result = diagrams_command(tmp_path, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert result.returncode == 1
    assert result.stderr.startswith("drawing the diagrams needs Chromium")
    assert "Traceback" not in result.stderr
