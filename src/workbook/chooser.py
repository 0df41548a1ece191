"""A decision aid: it asks for the reader's forces and argues both sides of every option.

A topic's ``chooser.yml`` is a list of choosers::

    - id: sandwich
      question: What do you have for lunch?
      options:                  # what there is to choose from: its name, and what holds in any case
        soup: {name: Soup, best: It is warm., cost: You need a spoon.}
        bread: {name: Bread, best: It needs no plate., cost: It gets dry.}
      forces:
        - ask: Where do you eat?
          answers:              # each says what it speaks for, and what against
            - text: At a table
              pro: {soup: There is somewhere to put the bowl.}
            - text: On the train
              pro: {bread: One hand is enough.}
              con: {soup: Trains shake.}

``render`` turns one into static HTML that reads well as it is; ``chooser.js`` makes it interactive,
in a notebook and on a page, without asking Python for anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from .bank import TOPICS, BankError, Name, Text, _Strict, markdown_inline, twins
from .reading import Loc, Reader, unknown

_HERE = Path(__file__).parent
_VIEW = "application/vnd.jupyter.widget-view+json"


class Candidate(_Strict):
    """Something to choose: its strongest case, and the price that is paid in any case."""

    name: Text
    best: Text
    cost: Text


class Answer(_Strict):
    """What a reader may say of a force, and what that says for and against each option."""

    text: Text
    pro: dict[Name, Text] = Field(default_factory=dict)
    con: dict[Name, Text] = Field(default_factory=dict)


class Force(_Strict):
    """A question about the reader's own situation."""

    ask: Text
    answers: list[Answer] = Field(min_length=2, max_length=5)


class Chooser(_Strict):
    """A decision, its options, and the forces that decide it."""

    id: Name
    question: Text
    options: dict[Name, Candidate] = Field(min_length=2, max_length=5)
    forces: list[Force] = Field(min_length=1)


def load_choosers(folder: Path) -> dict[str, Chooser]:
    """Return a topic's choosers by id, if it has any; raise ``BankError`` with every fault."""
    reader, found = Reader(folder / "chooser.yml"), dict[str, Chooser]()
    for index, data in reader.entries() if reader.file.exists() else ():
        if chooser := reader.validated(index, data, Chooser, {}):
            for loc, message in _problems(chooser):
                reader.report((index, *loc), message)
            if found.setdefault(chooser.id, chooser) is not chooser:
                reader.report((index, "id"), f"an earlier chooser has the id {chooser.id!r}")
    if reader.faults:
        raise BankError(sorted(reader.faults.values(), key=lambda fault: fault.line))
    return found


def _problems(chooser: Chooser) -> Iterator[tuple[Loc, str]]:
    """Yield what the types cannot say: above all, whether both sides of each option are argued."""
    argued = set()
    yield from twins({("options", key, "name"): one.name for key, one in chooser.options.items()})
    yield from twins({("forces", i, "ask"): force.ask for i, force in enumerate(chooser.forces)})
    for i, force in enumerate(chooser.forces):
        for j, answer in enumerate(force.answers):
            at = ("forces", i, "answers", j)
            if answer.text in [other.text for other in force.answers[:j]]:
                yield (*at, "text"), "an earlier answer has the same text"
            if not (answer.pro or answer.con):
                yield at, "speaks for nothing and against nothing: give `pro` or `con`"
            for side in ("pro", "con"):
                for name in getattr(answer, side):
                    argued.add((name, side))
                    if name not in chooser.options:
                        yield (*at, side, name), unknown("option", name, chooser.options)
                    elif side == "con" and name in answer.pro:
                        yield (*at, side, name), "the same answer speaks for it: decide"
    for name in chooser.options:
        for side, word in {"pro": "for", "con": "against"}.items():
            if (name, side) not in argued:
                yield ("options", name), f"no answer speaks {word} it: argue both sides"


def find_chooser(ref: str, topics: Path = TOPICS) -> Chooser:
    """Return the chooser ``topic/id``; raise ``LookupError``, naming the nearest, if none is."""
    topic, _, name = ref.partition("/")
    folders = {file.parent.name: file.parent for file in topics.glob("*/chooser.yml")}
    if topic not in folders:
        raise LookupError(unknown("topic with a chooser", topic, folders))
    if name not in (choosers := load_choosers(folders[topic])):
        raise LookupError(unknown(f"chooser of {topic}", name, choosers))
    return choosers[name]


def render(chooser: Chooser) -> str:
    """Return a chooser's static HTML: a pure function of it, in which nothing can run."""
    return str(_template().render(chooser=chooser))


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    jinja = Environment(autoescape=True, trim_blocks=True, undefined=StrictUndefined)
    jinja.filters["prose"] = lambda text: Markup(markdown_inline(text.strip()))
    return jinja.from_string((_HERE / "chooser.html").read_text(encoding="utf-8"))


def choose(ref: str) -> None:
    """Show the chooser ``"topic/id"``: static HTML, and a widget of it where there is a kernel.

    An unknown one raises LookupError, with a close match; a file with faults raises BankError.
    """
    from IPython.display import display

    html = render(find_chooser(ref))
    view = _widget_class()(html=html)._repr_mimebundle_()[0][_VIEW]
    display({"text/html": html, _VIEW: view}, raw=True)  # type: ignore[no-untyped-call]


@cache
def _widget_class() -> Any:
    """Return the widget's class, made on first use: ipywidgets is slow to import."""
    import anywidget
    from traitlets import Unicode

    class Decision(anywidget.AnyWidget):
        """A chooser in a notebook; its logic is all in the script."""

        _esm, _css = ((_HERE / f"chooser.{kind}").read_text("utf-8") for kind in ("js", "css"))
        html = Unicode().tag(sync=True)

    return Decision
