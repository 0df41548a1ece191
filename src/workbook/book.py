"""The Sphinx side of the published book: its questions, its diagrams, its links and its looks.

``_config.yml`` loads this module as a Sphinx extension. A page asks no other host for anything, and
works from a folder on a disk as well.

A diagram is a ``mermaid`` fence with ``accTitle`` and ``accDescr`` in a notebook. JupyterLab draws
it itself; the book shows committed pictures, one for each theme, named by the hash of the fence,
which ``tools/diagrams.py`` draws.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from docutils import nodes  # type: ignore[import-untyped]
    from sphinx.application import Sphinx
    from sphinx.config import Config

HERE = Path(__file__).parent
PICTURES = "notebooks/diagrams"  #: seen from the root of the repository
START = "notebooks/00_start_here"  #: the notebook to run from a page that is none
THEMES = ("light", "dark")
ENGINES = ("quiz", "chooser")  #: each a script and a style, for the pages that have such a thing


def configure(app: Sphinx, config: Config) -> None:
    """Add our files; offer the repository's links only where ``_config.yml`` has its address."""
    options = config.html_theme_options
    for button in ("use_repository_button", "use_issues_button"):
        options[button] = bool(options["repository_url"])
    config.templates_path.append(str(HERE))
    config.html_favicon = str(HERE / "book.svg")
    config.html_static_path += [str(HERE / f"{name}.css") for name in ("book", *ENGINES)]


def binder_link(repository: str, branch: str, page: str) -> str:
    """Return the address that opens a page's notebook on Binder, in JupyterLab.

    Source of the two forms: https://mybinder.readthedocs.io/en/latest/reference/config.html
    """
    address = repository.removesuffix("/").removesuffix(".git")
    _, on_github, project = address.partition("https://github.com/")
    where = f"gh/{project}" if on_github else f"git/{quote(address, safe='')}"
    notebook = quote(page if "/" in page else START)
    return f"https://mybinder.org/v2/{where}/{branch}?urlpath=lab/tree/{notebook}.ipynb"


def dress_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page its style, its way to Binder and, where it has questions, their engine.

    An engine stands in the page itself: browsers load no module from a file on a disk.
    """
    app.add_css_file("book.css")
    body = context.get("body", "")
    context["body"] = re.sub('<th class="head[^"]*"><p></p></th>', "<td></td>", body)  # no heading
    for name in ENGINES:
        if f"wb-{name}" in body:
            app.add_css_file(f"{name}.css")
            engine = (HERE / f"{name}.js").read_text(encoding="utf-8")
            app.add_js_file(None, body=engine, type="module")
    options = app.config.html_theme_options
    if address := options["repository_url"]:
        button = {
            "type": "link",
            "url": binder_link(address, options["repository_branch"], page),
            "text": "Run on Binder",
            "tooltip": "Run this as a notebook, on mybinder.org",
            "icon": "fas fa-rocket",
            "label": "binder",
        }
        context["header_buttons"].insert(0, button)


def anchor(heading: str) -> str:
    """Return a heading's id as JupyterLab makes it, so that a link to it works in both homes."""
    return heading.replace(" ", "-")


def show_diagrams(app: Sphinx, doctree: nodes.document) -> None:
    """Put two pictures and a description in the place of every mermaid fence."""
    from docutils import nodes
    from sphinx.util.logging import getLogger

    for fence in list(doctree.findall(nodes.literal_block)):
        if fence.get("language") != "mermaid":
            continue
        fence["language"] = "text"  # for Pygments, if it stays
        diagram = Diagram(app.env.docname, fence.astext())
        if fault := diagram.fault(Path(app.srcdir)):
            getLogger(__name__).warning(fault)
            continue
        # The theme's name for what Tab reaches, and the arrow keys scroll, where it is too wide.
        box = nodes.container(classes=["pst-scrollable-table-container"])
        for theme in THEMES:
            uri = f"/{PICTURES}/{diagram.name}-{theme}.svg"
            box += nodes.image(uri=uri, alt=diagram.said("accTitle"), classes=[f"only-{theme}"])
        words = f"<p>{html.escape(diagram.said('accDescr'))}</p>"
        words = f"<details><summary>This diagram in words</summary>{words}</details>"
        figure = nodes.container("", box, nodes.raw("", words, format="html"))
        figure["classes"] = ["wb-diagram"]
        fence.replace_self(figure)


def describe_plots(app: Sphinx, doctree: nodes.document) -> None:
    """Give a plot the text alternative that its output's metadata has, and myst-nb drops."""
    from docutils import nodes

    page = Path(app.env.doc2path(app.env.docname))
    notebook = json.loads(page.read_text(encoding="utf-8")) if page.suffix == ".ipynb" else {}
    alternatives = {}
    for output in [o for cell in notebook.get("cells", []) for o in cell.get("outputs", [])]:
        if picture := output.get("data", {}).get("image/png"):
            name = hashlib.sha256(b64decode("".join(picture))).hexdigest()  # as myst-nb names it
            alternatives[name] = output["metadata"].get("image/png", {}).get("alt", "")
    for image in doctree.findall(nodes.image):
        image.setdefault("alt", alternatives.get(Path(image["uri"]).stem, ""))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension (Sphinx calls this)."""
    # Jupyter Book always passes this setting of an extension that _config.yml leaves out.
    app.add_config_value("comments_config", {}, "html")
    app.connect("config-inited", configure, priority=100)  # before the theme reads its options
    app.connect("doctree-read", show_diagrams, priority=100)  # before Sphinx collects the images
    app.connect("doctree-read", describe_plots)
    app.connect("html-page-context", dress_page, priority=600)  # after the theme's own buttons
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@dataclass(frozen=True)
class Diagram:
    """One mermaid fence: where it stands, and its source."""

    where: str
    source: str

    @property
    def name(self) -> str:
        """What its pictures' names begin with."""
        return hashlib.sha256(self.source.strip().encode()).hexdigest()[:16]

    def said(self, key: str) -> str:
        """Return what ``accTitle`` or ``accDescr`` says (on one line, or in braces), or nothing."""
        found = re.search(rf"^\s*{key}\s*(?::(.+)|\{{([^}}]*)\}})", self.source, re.MULTILINE)
        return " ".join((found[1] or found[2]).split()) if found else ""

    def pictures(self, root: Path) -> list[Path]:
        """Return the files that it should have, one for each theme."""
        return [root / PICTURES / f"{self.name}-{theme}.svg" for theme in THEMES]

    def fault(self, root: Path) -> str | None:
        """Return what is wrong with it and what to do about it, or None."""
        for key in ("accTitle", "accDescr"):
            if not self.said(key):
                return f"{self.where}: a mermaid fence without {key}: add a line '{key}: ...'"
        if all(picture.exists() for picture in self.pictures(root)):
            return None
        told = f"{self.where}: the diagram {self.said('accTitle')!r} has no picture for the book"
        return f"{told}: run `python3 run.py refresh` and commit what it draws"


def find_diagrams(root: Path) -> Iterator[Diagram]:
    """Find the mermaid fences in the notebooks of the repository at ``root``."""
    from markdown_it import MarkdownIt

    for path in sorted([*root.glob("notebooks/*.ipynb"), *root.glob("solutions/*.ipynb")]):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
            for token in MarkdownIt().parse(text):
                if token.type == "fence" and token.info.strip() == "mermaid":
                    yield Diagram(f"{path.relative_to(root)}, cell {number}", token.content)
