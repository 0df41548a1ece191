"""One front end for questions: a widget in a notebook, a form on a page, readable HTML everywhere.

``render`` turns questions into static HTML (``quiz.html``), which notebooks store and pages show.
``quiz.js`` builds the controls out of it in both homes; the widget beside it needs no copy. Python
never grades: it supplies questions, keeps the log and runs proofs.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bank import Question

_HERE = Path(__file__).parent
_VIEW = "application/vnd.jupyter.widget-view+json"
_START = (  # a widget's own script, of which each cell sends a copy: all else is in the layout
    "export default{render:async v=>(await import(URL.createObjectURL(new Blob([v.model.get("
    '"layout").get("boot")],{type:"text/javascript"})))).default(v)}'
)


def quiz(*refs: str, seed: str | None = None) -> None:
    """Show questions, named ``"topic/id"``, in one output: static HTML and a live widget.

    ``seed`` fixes the order of options; without it the browser picks one and keeps it until the
    learner asks for a new order. An unknown question raises LookupError, with a close match; a
    topic that cannot be read raises BankError.
    """
    from IPython.display import display

    from .bank import find_question

    if not refs:
        raise LookupError('quiz() needs a question: quiz("wsgi_and_asgi/lifespan")')
    questions = [find_question(ref) for ref in refs]
    html = render(questions, seed)
    view = _widget_class()(questions, html)._repr_mimebundle_()[0][_VIEW]
    display({"text/html": html, _VIEW: view}, raw=True)  # type: ignore[no-untyped-call]


def render(questions: Iterable[Question], seed: str | None = None) -> str:
    """Return the static HTML of questions: a pure function of them, in which nothing can run."""
    return str(_template().render(questions=questions, seed=seed))


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from .bank import markdown, proof_source

    def prose(text: str) -> Markup:
        """Render Markdown, without the paragraph around a single one."""
        html = markdown(text).strip()
        alone = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
        return Markup(html[3:-4] if alone else html)

    def code(text: str) -> Markup:
        """Show code as written, which costs fewer bytes than escaping its quotes too."""
        return Markup(f"<code>{escape(text.rstrip(), quote=False)}</code>")

    def value(text: str) -> Markup:
        """Write an attribute's value, in quotes where HTML needs them."""
        quote = "" if re.fullmatch(r"(?a:\w+)", text) else '"'
        return Markup(f"{quote}{escape(text)}{quote}")

    def stem(question: Question) -> list[Markup]:
        """Split a prompt into its first paragraph, which names the question, and the rest."""
        html = markdown(question.prompt).strip()
        html = html if html.startswith("<p>") else markdown(question.objective) + html
        return [Markup(part) for part in html.removeprefix("<p>").split("</p>", 1)]

    jinja = Environment(autoescape=True, trim_blocks=True, undefined=StrictUndefined)
    jinja.filters |= {"prose": prose, "stem": stem, "code": code, "value": value}
    jinja.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    jinja.globals["proof"] = proof_source
    return jinja.from_string((_HERE / "quiz.html").read_text(encoding="utf-8"))


@cache
def _engine() -> tuple[str, bytes]:
    """Return the hash by which a page knows the front end, and the front end, compressed."""
    js, css = ((_HERE / name).read_text(encoding="utf-8") for name in ("quiz.js", "quiz.css"))
    dress = f"document.head.append(h('style', null, {json.dumps(css)}));"
    zipped = gzip.compress((js + dress).encode(), mtime=0)
    return hashlib.sha256(zipped).hexdigest()[:8], zipped


@cache
def _widget_class() -> Any:
    """Return the widget's class, made on first use: ipywidgets is slow to import."""
    import anywidget
    import ipywidgets
    from traitlets import Bytes, Dict, Unicode

    class Engine(ipywidgets.Layout):  # type: ignore[misc]
        """The front end, in what a kernel's quizzes share, so that it is sent but once."""

        boot = Unicode((_HERE / "quiz_stub.js").read_text("utf-8")).tag(sync=True)
        engine, code = Unicode(_engine()[0]).tag(sync=True), Bytes(_engine()[1]).tag(sync=True)

    class Quiz(anywidget.AnyWidget):
        """One cell's questions: a line from their HTML to the log and the sandbox."""

        _esm = _START
        setup = Dict().tag(sync=True)
        shared = Engine()

        def __init__(self, questions: list[Question], html: str) -> None:
            self.questions, self.text = {question.ref: question for question in questions}, html
            super().__init__(layout=self.shared, setup=_setup(self.questions))
            self.on_msg(self.receive)

        def get_state(self, *args: Any, **options: Any) -> dict[str, Any]:
            """Leave out what is empty, as the front end takes it to be: each cell sends this."""
            state = super().get_state(*args, **options)
            return {name: value for name, value in state.items() if value not in (None, [])}

        def receive(self, _: Any, message: dict[str, Any], __: Any) -> None:
            """Answer a message of the page; a proof runs beside the kernel's own work."""
            if message["type"] == "prove":
                threading.Thread(target=self.reply, args=(message,), daemon=True).start()
            else:
                self.reply(message)

        def reply(self, message: dict[str, Any]) -> None:
            """Do what the page asks; whatever goes wrong is said there, and nothing is lost."""
            try:
                ask, body = message["type"], message["body"]
                result = {"html": self.text} if ask == "html" else _do(ask, body, self.questions)
            except Exception as error:
                result = {"error": str(error) or type(error).__name__}
            self.send({"type": "reply", "re": message["re"], **result})

    return Quiz


def _setup(refs: Iterable[str]) -> dict[str, Any]:
    """Tell the front end about this session, where it is not as usual, and earlier answers."""
    from .progress import default_log, recording

    flags = {"silent": not recording(), "temporary": os.environ.get("WORKBOOK_TEMPORARY") == "1"}
    setup: dict[str, Any] = {name: True for name, holds in flags.items() if holds}
    try:
        found = [default_log().events("answer", ref) for ref in refs if recording()]
        past = [events[-1].to_json() for events in found if events]
    except Exception as error:  # the questions work without the log
        return setup | {"problem": str(error)}
    return setup | ({"past": past} if past else {})


def _do(request: str, body: Any, questions: dict[str, Any]) -> dict[str, Any]:
    """Carry out a request of the page: prove, append, export, import or delete."""
    from .progress import Event, default_log, recording
    from .sandbox import run_proof

    if request == "prove":
        return asdict(run_proof(questions[body]._folder / "proofs.py", questions[body].proof))
    if not recording():
        raise RuntimeError("this session records nothing (WORKBOOK_RECORD=0)")
    if request == "append":
        default_log().append(Event.from_json(body))
    elif request == "delete":
        default_log().delete_everything()
    else:
        with TemporaryDirectory() as folder:
            file = Path(folder, "progress.json")
            if request == "export":
                default_log().export(file)
                return {"text": file.read_text(encoding="utf-8")}
            file.write_text(body, encoding="utf-8")
            return dict(zip(("new", "known"), default_log().import_file(file), strict=True))
    return {}
