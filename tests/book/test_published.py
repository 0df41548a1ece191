"""The book as it is published: complete, whole, and on its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).parent.parent.parent
#: What a page fetches by itself, as opposed to what it links to.
FETCHES = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "object": "data",
    "link": "href",
}


@pytest.fixture(scope="module")
def pages(book: Path) -> dict[Path, BeautifulSoup]:
    """Every page of the book, read."""
    found = sorted(path for path in book.rglob("*.html") if "_static" not in path.parts)
    return {path: BeautifulSoup(path.read_bytes(), "html.parser") for path in found}


def named(page: BeautifulSoup, tags: dict[str, str]) -> Iterator[str]:
    """Yield the addresses that a page's elements name."""
    for tag in page.find_all(list(tags)):
        assert isinstance(tag, Tag)
        if value := tag.get(tags[tag.name]):
            yield str(value)


def is_local(address: str) -> bool:
    """Tell whether an address stays in the book."""
    parts = urlsplit(address)
    return not parts.netloc and parts.scheme in ("", "data")


def test_no_page_fetches_anything_from_elsewhere(pages: dict[Path, BeautifulSoup]) -> None:
    found = {
        (path.name, address)
        for path, page in pages.items()
        for address in named(page, FETCHES)
        if not is_local(address)
    }
    assert found == set()


def test_no_style_sheet_fetches_anything_from_elsewhere(book: Path) -> None:
    sheets = list(book.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        found = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
        found += re.findall(r"@import\s+['\"]([^'\"]+)", text)
        assert [address for address in found if not is_local(address)] == [], sheet.name


def test_every_link_and_file_in_the_book_leads_somewhere(pages: dict[Path, BeautifulSoup]) -> None:
    ids = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for address in named(page, FETCHES | {"a": "href"}):
            where, fragment = urldefrag(address)
            if not is_local(address) or address.startswith("data:"):
                continue
            file = (path.parent / unquote(urlsplit(where).path)).resolve() if where else path
            if not file.is_file() or (fragment and fragment not in ids.get(file, {fragment})):
                broken.append(f"{path.name} -> {address}")
    assert broken == []


def test_every_notebook_is_in_the_contents() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = {page["file"] for part in contents["parts"] for page in part["chapters"]}
    notebooks = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*.ipynb")]
    present = {path.relative_to(ROOT).with_suffix("").as_posix() for path in notebooks}
    assert listed == present


def test_every_stored_question_is_on_its_page_and_none_is_an_image_of_a_widget(
    book: Path, pages: dict[Path, BeautifulSoup]
) -> None:
    counts = {}
    for notebook in ROOT.glob("notebooks/*.ipynb"):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        outputs = json.dumps([cell["outputs"] for cell in cells if "outputs" in cell])
        page = pages[book / "notebooks" / f"{notebook.stem}.html"]
        stored = set(re.findall(r'data-ref=\\"([^"\\]+)', outputs))
        shown = {str(question["data-ref"]) for question in page.select(".wb-question")}
        assert shown == stored
        assert "jupyter.widget" not in str(page.main)
        counts[notebook.stem] = len(shown)
    assert sum(counts.values()) > 0


def test_a_page_says_its_language_and_what_every_picture_shows(
    pages: dict[Path, BeautifulSoup],
) -> None:
    for path, page in pages.items():
        assert page.html is not None
        assert page.html["lang"] == "en"
        silent = [img for img in page.select("main img") if not str(img.get("alt", "")).strip()]
        assert silent == [], path.name


def test_no_trace_of_what_would_ask_other_hosts(pages: dict[Path, BeautifulSoup]) -> None:
    for path, page in pages.items():
        scripts = " ".join(str(script) for script in page.find_all("script"))
        assert not re.search(r"thebe|require\.js|mathjax|plausible|gtag|mermaid", scripts, re.I), (
            path
        )
