"""The published book, built once for every test that looks at it; and a browser to look with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent

Build = Callable[[Path, Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def build_book() -> Build:
    """Return ``build_book(source, place)``, which does what `run.py book` does, elsewhere."""

    def build(source: Path, place: Path) -> subprocess.CompletedProcess[str]:
        script = "from jupyter_book.cli.main import main; main()"
        options = ["-W", "-n", "--keep-going", "--path-output", str(place)]
        return subprocess.run(
            [sys.executable, "-c", script, "build", str(source), *options],
            env=os.environ | {"NO_COLOR": "1", "SOURCE_DATE_EPOCH": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return build


@pytest.fixture(scope="session")
def book(build_book: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the repository's book, once for all workers, and return the folder of its pages."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    log, pages = shared / "book.log", shared / "book" / "_build" / "html"
    with FileLock(shared / "book.lock"):
        if not log.exists():
            result = build_book(ROOT, shared / "book")
            if result.returncode:
                shutil.rmtree(pages, ignore_errors=True)
            log.write_text(result.stdout, encoding="utf-8")
    assert pages.exists(), f"the book does not build without warnings:\n{log.read_text()[-4000:]}"
    return pages


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Start the Chromium that tests marked ``needs_chromium`` drive, once for each module.

    Not for longer: while Playwright is on, an event loop runs in this thread, and no other can.
    """
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield started
        started.close()
