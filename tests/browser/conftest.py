"""What the tests of questions in a browser share: samples, plain pages of them, and readers."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import workbook
from workbook.bank import Question, load_topic
from workbook.quiz import render

SAMPLE = Path(__file__).parent / "sample"
PACKAGE = Path(workbook.__file__).parent
INK = {"light": ("#222832", "#ffffff"), "dark": ("#ced6dd", "#14181e")}

Reader = Callable[..., Page]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Return ``serve(folder)``, which gives a folder an address on this machine."""
    with ExitStack() as servers:

        def start(folder: Path) -> str:
            server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
            servers.callback(server.server_close)
            servers.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


@pytest.fixture(scope="session")
def sample() -> dict[str, Question]:
    """The sample questions by id: one of each kind."""
    return load_topic(SAMPLE).questions


def page_of(body: str, theme: str = "light", engines: int = 1, engine: str = "quiz") -> str:
    """Return a page in the book's colours, which loads the engine as often as asked."""
    ink, paper = INK[theme]
    addresses = [f"{engine}.js{f'?{n}' * bool(n)}" for n in range(engines)]
    scripts = "".join(f'<script type="module" src="{each}"></script>' for each in addresses)
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">'
        '<title>Sample</title><meta name="viewport" content="width=device-width">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{engine}.css">'
        f"<style>html{{--pst-color-text-base:{ink};--pst-color-background:{paper};"
        f"background:{paper};color:{ink};font-family:sans-serif}}</style>"
        f"<main><h1>Sample</h1>{body}</main>{scripts}</html>"
    )


@pytest.fixture(scope="session")
def site(
    sample: dict[str, Question],
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[Path], str],
) -> str:
    """The address of a folder with pages of the sample questions."""
    folder = tmp_path_factory.mktemp("site")
    everything = render(sample.values())
    pages = {
        "light.html": page_of(everything),
        "dark.html": page_of(everything, "dark"),
        "twice.html": page_of(everything, engines=2),
        "two.html": page_of(
            render([sample["blocking"]]) + render([sample["seconds"]], seed="fixed")
        ),
        "plain.html": page_of(everything, engines=0),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("quiz.js", "quiz.css"):
        shutil.copy(PACKAGE / name, folder)
    return serve(folder)


@pytest.fixture
def reader(browser: Browser, site: str) -> Iterator[Reader]:
    """Return ``reader("light.html", width=..., **context options)``: a fresh browser on a page.

    Its pages are those of the fixture ``site``, which a module may replace with its own. At the
    end of the test no page may have thrown or logged an error.
    """
    contexts, wrong = [], []

    def read(
        address: str = "light.html", width: int = 1280, script: str = "", **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.goto(site + address)
        return page

    yield read
    for context in contexts:
        context.close()
    assert not wrong
