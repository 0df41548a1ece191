"""A small book with everything that a chapter can hold, built with the real configuration."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import workbook.book
from workbook.bank import load_topic
from workbook.book import Diagram, binder_link
from workbook.quiz import render

ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(workbook.book.__file__).parent
ADDRESS = "https://github.com/example/architecture"
FENCE = """flowchart LR
    accTitle: A <server> and its worker
    accDescr {
        The server starts
        a worker & waits.
    }
    S[Server] --> W[Worker]
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


def write_book(folder: Path, address: str, chapter: Iterable[dict[str, Any]]) -> Path:
    """Write a book of an index, a start page, one chapter and its solutions."""
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    config = re.sub(r"(?m)^(  url:).*$", rf'\1 "{address}"', config)
    contents = {
        "_config.yml": config,
        "_toc.yml": "\n".join(
            [
                "format: jb-book",
                "root: index",
                "parts:",
                "- caption: Chapters",
                "  chapters: [{file: notebooks/00_start_here}, {file: notebooks/05_sample}]",
                "- caption: Solutions",
                "  chapters: [{file: solutions/05_sample}]",
            ]
        ),
        "index.md": "# Sample\n\n[Start](notebooks/00_start_here.ipynb)\n",
        "left_out.md": "# Not in the contents\n",
    }
    for name, cells in {
        "notebooks/00_start_here.ipynb": [new_markdown_cell("# Start here")],
        "notebooks/05_sample.ipynb": chapter,
        "solutions/05_sample.ipynb": [
            new_markdown_cell("# Solutions\n\n[Chapter](../notebooks/05_sample.ipynb#A-section)")
        ],
    }.items():
        language = {"name": "python", "pygments_lexer": "ipython3"}
        notebook = new_notebook(cells=list(cells), metadata={"language_info": language})
        contents[name] = nbformat.writes(notebook)
    for picture in Diagram("", FENCE).pictures(Path()):
        contents[picture.as_posix()] = "<svg xmlns='http://www.w3.org/2000/svg'/>\n"
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def code(source: str, *outputs: Any, tags: Iterable[str] = ()) -> Any:
    """Return a code cell with stored outputs."""
    return new_code_cell(
        source, execution_count=1, outputs=list(outputs), metadata={"tags": list(tags)}
    )


def display(**data: str) -> Any:
    """Return a stored output; the keywords are `html`, `widget` and `plain`."""
    names = {"html": "text/html", "widget": WIDGET, "plain": "text/plain"}
    return new_output("display_data", {names[key]: value for key, value in data.items()})


def plot(alt: str) -> Any:
    """Return a stored plot, as `workbook.load` leaves it."""
    picture = b64encode(b"a picture").decode()
    data = {"image/png": f"{picture}\n", "text/plain": "<Image>"}
    return new_output("display_data", data, metadata={"image/png": {"alt": alt}})


def write_chapter(witness: Path) -> list[Any]:
    """Write a chapter whose first cell would leave a file behind if it were run."""
    questions = load_topic(ROOT / "tests" / "browser" / "sample").questions.values()
    return [
        new_markdown_cell(f"# A chapter\n\n## A section\n\n```mermaid\n{FENCE}```"),
        code(
            f"open({str(witness)!r}, 'w')\nprint(6 * 7)",
            new_output("stream", name="stdout", text="stored, not run\n"),
        ),
        code("quiz(...)", display(html=render(questions), widget="{}", plain="x")),
        code("quiz(...)", display(html=render(list(questions)[:1]))),
        new_markdown_cell("| | one |\n|---|---|\n| a | b |\n\n`a_long_name_without_any_blank`"),
        code("bars(...)", plot(alt="Bars. The numbers are above.")),
        code("%%exercise f\ndef f(): ...", display(html="<table></table>"), tags=["exercise"]),
    ]


Book = Callable[[str], BeautifulSoup]


def reader(pages: Path) -> Book:
    """Return a function that reads one built page, by its name."""
    return lambda name: BeautifulSoup((pages / f"{name}.html").read_bytes(), "html.parser")


def built(result: CompletedProcess[str], place: Path) -> Path:
    """Return the folder of pages; fail with the build's own words where it warned."""
    assert result.returncode == 0, result.stdout[-3000:]
    return place / "_build" / "html"


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that exists once a cell of the sample has been executed."""
    return tmp_path_factory.mktemp("witness") / "executed"


@pytest.fixture(scope="module")
def pages(build_book: Any, witness: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, in a repository whose public address is not set."""
    folder = write_book(tmp_path_factory.mktemp("private"), "", write_chapter(witness))
    return built(build_book(folder, folder / "out"), folder / "out")


@pytest.fixture(scope="module")
def public(build_book: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book in a repository whose public address is set."""
    cells = [new_markdown_cell("# A chapter\n\n## A section")]
    folder = write_book(tmp_path_factory.mktemp("public"), ADDRESS, cells)
    return built(build_book(folder, folder / "out"), folder / "out")


PAGES = ["index", "notebooks/00_start_here", "notebooks/05_sample", "solutions/05_sample"]
CHAPTER = "notebooks/05_sample"


def test_stored_outputs_are_shown_and_no_cell_is_executed(pages: Path, witness: Path) -> None:
    output = reader(pages)(CHAPTER).select_one(".cell_output .stream")
    assert output is not None
    assert output.get_text().strip() == "stored, not run"
    assert not witness.exists()


def test_only_the_pages_of_the_contents_are_built(pages: Path) -> None:
    found = {p.relative_to(pages).with_suffix("").as_posix() for p in pages.rglob("*.html")}
    assert {p for p in found if not p.startswith("_static")} == {*PAGES, "search"}


def test_a_quiz_is_shown_as_its_static_form_even_beside_a_widget_view(pages: Path) -> None:
    page = reader(pages)(CHAPTER)
    assert [len(quiz.select("fieldset.wb-question")) for quiz in page.select(".wb-quiz")] == [8, 1]
    assert not page.find("script", type=WIDGET)


def test_a_page_with_questions_gets_their_engine_once_however_many_it_has(pages: Path) -> None:
    page = reader(pages)(CHAPTER)
    [engine] = page.find_all("script", type="module")
    assert engine.get_text().strip() == (PACKAGE / "quiz.js").read_text(encoding="utf-8").strip()
    styles = [Path(str(link["href"]).split("?")[0]).name for link in page.select("link[rel]")]
    assert styles.count("quiz.css") == styles.count("book.css") == 1
    assert (pages / "_static" / "quiz.css").read_bytes() == (PACKAGE / "quiz.css").read_bytes()


def test_a_page_without_questions_gets_no_engine(pages: Path) -> None:
    page = reader(pages)("solutions/05_sample")
    assert not page.find_all("script", type="module")
    assert not page.select("link[href*='quiz.css']")


def test_the_engine_can_stand_in_a_page() -> None:
    engine = (PACKAGE / "quiz.js").read_text(encoding="utf-8")
    assert not re.search(r"</script|<!--", engine, re.IGNORECASE)
    assert not re.search(r"^\s*import\b[^(]|^\s*export\b.*\bfrom\b", engine, re.MULTILINE)


def test_a_mermaid_fence_becomes_a_picture_for_each_theme_and_words(pages: Path) -> None:
    page = reader(pages)(CHAPTER)
    [figure] = page.select(".wb-diagram")
    images = figure.select("img")
    assert [image["class"] for image in images] == [["only-light"], ["only-dark"]]
    assert {str(image["alt"]) for image in images} == {"A <server> and its worker"}
    for image in images:
        assert (pages / "notebooks" / str(image["src"])).resolve().is_file()
    words = figure.select_one("details p")
    assert words is not None
    assert words.get_text() == "The server starts a worker & waits."
    assert "flowchart" not in page.get_text()


def test_the_empty_corner_of_a_table_is_no_heading(pages: Path) -> None:
    row = reader(pages)(CHAPTER).select_one("main thead tr")
    assert row is not None
    assert [(cell.name, cell.get_text()) for cell in row.select("td, th")] == [
        ("td", ""),
        ("th", "one"),
    ]


def test_a_plot_has_the_text_alternative_that_was_stored_with_it(pages: Path) -> None:
    [image] = reader(pages)(CHAPTER).select(".cell_output img")
    assert image["alt"] == "Bars. The numbers are above."


def test_a_link_to_a_section_in_jupyterlabs_form_leads_there_in_the_book(pages: Path) -> None:
    [link] = [a for a in links(reader(pages)("solutions/05_sample")) if "05_sample.html#" in a]
    target = reader(pages)(CHAPTER).find(id=link.split("#")[1])
    assert target is not None
    assert target.get_text().strip().startswith("A section")


def test_an_exercise_cell_shows_its_starter_code(pages: Path) -> None:
    [cell] = reader(pages)(CHAPTER).select(".cell.tag_exercise .cell_input")
    assert "def f(): ..." in cell.get_text()


def links(page: BeautifulSoup) -> list[str]:
    """Return where the page's links lead."""
    return [str(link["href"]) for link in page.find_all("a", href=True) if isinstance(link, Tag)]


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_without_a_public_address_nothing_points_to_one(pages: Path, name: str) -> None:
    text = (pages / f"{name}.html").read_text(encoding="utf-8")
    assert not re.search(r"mybinder|github\.com/(?!emmett)|/issues", text)
    assert not [link for link in links(reader(pages)(name)) if link in ("", "/")]


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_with_a_public_address_every_page_opens_on_binder(public: Path, name: str) -> None:
    notebook = name if "/" in name else "notebooks/00_start_here"
    binder = (
        f"https://mybinder.org/v2/gh/example/architecture/main?urlpath=lab/tree/{notebook}.ipynb"
    )
    found = links(reader(public)(name))
    assert found.count(binder) == 1
    assert [link for link in found if link.startswith(f"{ADDRESS}/issues/new")]
    assert ADDRESS in found


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://github.com/a/b", "gh/a/b"),
        ("https://github.com/a/b/", "gh/a/b"),
        ("https://github.com/a/b.git", "gh/a/b"),
        ("https://gitlab.com/a/b", "git/https%3A%2F%2Fgitlab.com%2Fa%2Fb"),
        ("https://git.example.org/x/y.git", "git/https%3A%2F%2Fgit.example.org%2Fx%2Fy"),
    ],
)
def test_the_binder_link_suits_where_the_repository_is(address: str, place: str) -> None:
    link = binder_link(address, "main", "notebooks/05_wsgi_and_asgi")
    end = "main?urlpath=lab/tree/notebooks/05_wsgi_and_asgi.ipynb"
    assert link == f"https://mybinder.org/v2/{place}/{end}"


def test_what_would_be_broken_on_a_page_fails_the_build(build_book: Any, tmp_path: Path) -> None:
    broken = {
        "```mermaid\nflowchart LR\n  A --> B\n```": "a mermaid fence without accTitle",
        f"```mermaid\n{FENCE}  W --> X\n```": "run `python3 run.py refresh`",
        "[gone](nowhere.ipynb)": "nowhere.ipynb",
        "[gone](00_start_here.ipynb#Nothing)": "Nothing",
    }
    write_book(
        tmp_path, "", [new_markdown_cell("# A\n\n## A section"), *map(new_markdown_cell, broken)]
    )
    result = build_book(tmp_path, tmp_path / "out")
    assert result.returncode != 0
    warnings = [line for line in result.stdout.splitlines() if "WARNING" in line]
    for told in broken.values():
        assert [w for w in warnings if told in w and "notebooks/05_sample" in w], result.stdout
    assert len(warnings) == len(broken)
