"""Draw the pictures of diagrams that have none, and delete those of no diagram.

Called by ``run.py refresh``. It uses the mermaid that JupyterLab carries, in a Chromium and without
a server. To draw a picture anew, delete it first.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from workbook.book import PICTURES, Diagram, find_diagrams


def draw(diagrams: list[Diagram]) -> list[list[str]]:
    """Draw diagrams as SVG, each once for every theme.

    Raises:
        RuntimeError: Chromium is missing, or a diagram is not valid mermaid.
    """
    from playwright.sync_api import Error, sync_playwright

    scripts = Path(sys.prefix, "share/jupyter/lab/static")
    [main] = scripts.glob("main.*.js")
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "msedge")
    browser = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            channel = None if browser else "chrome"  # Playwright knows where Chrome is otherwise
            started = playwright.chromium.launch(executable_path=browser, channel=channel)
            page = started.new_page()
            page.route("**", lambda r: r.fulfill(path=scripts / urlsplit(r.request.url).path[1:]))
            page.goto("http://localhost/package.json")  # answered from disk, as is all that follows
            page.set_content(
                '<script id="jupyter-config-data" type="application/json">'
                '{"fullStaticUrl": "http://localhost"}</script>'
                f'<script src="/{main.name}"></script>'
            )
            code = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
            drawn: list[list[str]] = page.evaluate(code, [asdict(d) for d in diagrams])
        except Error as error:
            raise RuntimeError(
                f"drawing the diagrams needs Chromium and valid mermaid: {error}"
            ) from error
    return drawn


def draw_missing(root: Path) -> list[Path]:
    """Draw the pictures that are missing and delete those of no diagram; return both."""
    found = {diagram.name: diagram for diagram in find_diagrams(root)}
    missing = [d for d in found.values() if not all(p.exists() for p in d.pictures(root))]
    drawn = draw(missing) if missing else []
    wanted = {picture for diagram in found.values() for picture in diagram.pictures(root)}
    stale = set((root / PICTURES).glob("*.svg")) - wanted
    for picture in stale:
        picture.unlink()
    written = [picture for diagram in missing for picture in diagram.pictures(root)]
    for picture, svg in zip(written, [svg for pair in drawn for svg in pair], strict=True):
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(svg, encoding="utf-8", newline="\n")
    return sorted([*written, *stale])


if __name__ == "__main__":
    try:
        for path in draw_missing(Path.cwd()):
            print("drew" if path.exists() else "deleted", path.relative_to(Path.cwd()).as_posix())
    except RuntimeError as problem:
        sys.exit(str(problem))
