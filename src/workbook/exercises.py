"""The ``%%exercise NAME`` magic: runs the cell's code against the checks of an exercise, shows how.

The code runs in the sandbox, in a process of its own and under limits, so that an endless loop or a
``sys.exit()`` does no harm here. It protects from accidents and is no security boundary: the code
may do all that you may. It does not see the notebook's variables, nor they it.

The result is one ``text/html`` output, the same on each run of the same code. Where a learner
works (not in tests, in ``refresh`` or in a solution) each run is also logged, and a widget above
the result shows that it is running, then buttons for the starter and for earlier runs.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.display import display

from .bank import TOPICS, Exercise, find_exercise, markdown
from .progress import Event, ProgressError, default_log, recording
from .sandbox import Call, Check, Limits, Verdict, run_checks, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

_ESM = Path(__file__).with_name("exercises.js")
#: JupyterLab would align cells right and let a long line run out of sight.
_LEFT, _WRAP = 'style="text-align:left"', 'style="white-space:pre-wrap;text-align:left"'
#: This process's own runs, which are all that there is where nothing is recorded.
_RUNS: list[Event] = []


@magics_class
class ExerciseMagics(Magics):
    """The magic ``%%exercise``."""

    @cell_magic
    def exercise(self, line: str, cell: str) -> None:
        """Check the cell as the answer to an exercise: ``%%exercise NAME``."""
        __tracebackhide__ = True
        topic, exercise = _find(line.strip())
        done = _show_buttons(exercise)
        problem = ""
        try:
            limits = Limits(**exercise.limits.model_dump())
            source = "\n" + cell  # the magic itself is line 1
            verdict = run_checks(source, topic.path / "checks.py", exercise.checks, limits)
            problem = _log(exercise.name, cell, verdict)
        finally:
            done()
        failed = sum(not run.data["passed"] for run in runs(exercise.name))
        html = render(exercise, verdict, failed, solution(exercise.name), cell) + problem
        html = html.encode(errors="replace").decode()  # half of a surrogate pair
        display({"text/html": html}, raw=True)  # type: ignore[no-untyped-call]


def _find(name: str) -> Any:
    """Find an exercise; an unknown name is one line that suggests a near one."""
    try:
        return find_exercise(name, TOPICS)
    except LookupError as error:
        raise UsageError(str(error)) from None


def _log(name: str, source: str, verdict: Verdict) -> str:
    """Log a run; return what to tell if that cannot be done, which is no reason to lose it."""
    checks = {check.name: "" if check.passed else check.message for check in verdict.checks}
    data = {"source": source, "passed": verdict.passed, "failure": verdict.failure}
    run = Event("run", name, {**data, "checks": checks}, seconds=verdict.seconds)
    _RUNS.append(run)
    try:
        if recording():
            default_log().append(run)
    except ProgressError as error:
        return f"<p><strong>This run was not recorded.</strong> {escape(str(error))}</p>"
    return ""


def runs(name: str) -> list[Event]:
    """Return the runs of an exercise, oldest first, with their ``source`` and verdict."""
    _find(name)
    own = [run for run in _RUNS if run.subject == name]
    try:
        logged = default_log().events(kind="run", subject=name) if recording() else []
    except ProgressError:
        logged = []
    known = {run.id for run in logged}
    return logged + [run for run in own if run.id not in known]


def reset(name: str) -> None:
    """Put the exercise's starter into a new cell below; nothing is replaced."""
    _, exercise = _find(name)
    _new_cell(name, exercise.starter)
    print(f"The cell below has the starter of {name}. Your own cell is as it was.")


def restore(name: str, run: int | None = None) -> None:
    """Put an earlier run of an exercise (the latest, or number ``run`` from 1) into a new cell.

    Raises ``LookupError``, with the list of runs, if there is none of that number.
    """
    earlier = runs(name)
    told = [f"  {number}: {_summary(each)}" for number, each in enumerate(earlier, 1)]
    listed = "\n".join(told) or "  (none yet)"
    number = len(earlier) if run is None else run
    if not 1 <= number <= len(earlier):
        raise LookupError(f"{name} has no run {number or ''}. Its runs:\n{listed}")
    _new_cell(name, earlier[number - 1].data["source"])
    print(f"The cell below has run {number} of {name}. Your own cell is as it was.\n{listed}")


def _summary(run: Event) -> str:
    passed = [name for name, message in run.data["checks"].items() if not message]
    at = f"{run.at.astimezone():%d %b %Y %H:%M}"
    return f"{at}, {len(passed)} of {len(run.data['checks'])} checks passed"


def _new_cell(name: str, source: str) -> None:
    shell = get_ipython()
    if shell is None:
        raise RuntimeError("this works in a notebook only")
    shell.set_next_input(f"%%exercise {name}\n{source}", replace=False)


def solution(name: str) -> tuple[str, str | None]:
    """Find the solution: in which notebook it is, and its code (None if that is not there).

    It is looked for in the folder ``solutions`` beside the notebook's own, then beside the package.
    """
    here, package = Path.cwd(), Path(__file__).parents[2]
    for folder in (here.parent / "solutions", here / "solutions", package / "solutions"):
        for path in sorted(folder.glob("*.ipynb")):
            with suppress(ValueError, OSError):  # somebody is editing it
                for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                    first, _, source = "".join(cell["source"]).partition("\n")
                    if first.split() == ["%%exercise", name]:
                        return f"solutions/{path.name}", source
    return "the solution notebook of this chapter's name, in the folder solutions", None


# ---------------------------------------------------------------- what is shown


def render(
    exercise: Exercise, verdict: Verdict, failed: int, found: tuple[str, str | None], cell: str
) -> str:
    """Return the HTML of a run: verdict, table, output, then ``failed`` hints and the solution.

    Of the hints, as many stand open to a click as runs have failed; each further one is inside the
    one before it, and the solution inside the last.
    """
    passed = sum(check.passed for check in verdict.checks)
    parts = [f"<p><strong>{passed} of {len(verdict.checks)} checks passed.</strong></p>"]
    if verdict.failure:
        parts.append(f"<pre {_WRAP}>{escape(verdict.failure)}</pre>")
    if verdict.passed:
        parts = ["<p><strong>All checks passed.</strong></p>"]
    if not verdict.failure or any(check.calls or check.passed for check in verdict.checks):
        heads = "".join(
            f'<th scope="col" {_LEFT}>{h}</th>' for h in ("Check", "Called", "Expected", "Got")
        )
        rows = "".join(map(_rows, verdict.checks))
        parts.append(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
    if verdict.output:
        text = escape(shorten(re.sub(r"\x1b\[[0-9;]*m", "", verdict.output), 5_000))
        parts.append(
            f"<details><summary>What it printed</summary><pre {_WRAP}>{text}</pre></details>"
        )
    place, code = found
    answer = f"<p>It is discussed in <code>{escape(place)}</code>.</p>"
    if code is not None:
        answer = f"<pre>{escape(code)}</pre>{answer}"
    folded = [("Solution", answer)]
    if not verdict.passed:
        hints = [(f"Hint {n}", markdown(hint)) for n, hint in enumerate(exercise.hints, 1)]
        folded = hints + folded
    if code is None or code.strip() != cell.strip():
        parts.append(_fold(folded, failed))
    return f'<div class="wb-exercise">{"".join(parts)}</div>'


def _rows(check: Check) -> str:
    """Return the rows of a check: its calls, but for the middle of many, or its message."""
    state = "passed" if check.passed else "<strong>failed</strong>"
    head = f"{escape(check.name.replace('_', ' '))}: {state}"
    rows = [_cells(call) for call in check.calls]
    if len(rows) > 8 and all(call.ok for call in check.calls[4:-2]):
        rows[4:-2] = [f'<td colspan="3" {_LEFT}>({len(rows) - 6} more, each as expected)</td>']
    if not check.passed and all(call.ok for call in check.calls):
        rows.append(f'<td colspan="3"><pre {_WRAP}>{escape(check.message)}</pre></td>')
    first, *others = rows or [f'<td colspan="3" {_LEFT}>as expected</td>']
    opening = (
        f'<tr><th scope="rowgroup" {_LEFT} rowspan="{len(others) + 1}">{head}</th>{first}</tr>'
    )
    return opening + "".join(f"<tr>{row}</tr>" for row in others)


def _cells(call: Call) -> str:
    label, expected, got = (
        f"<code>{escape(shorten(value))}</code>" for value in (call.label, call.expected, call.got)
    )
    got = got if call.ok else f"<strong>{got}</strong>"
    return "".join(f"<td {_LEFT}>{value}</td>" for value in (label, expected, got))


def _fold(items: list[tuple[str, str]], shown: int) -> str:
    """Fold each item; the first ``shown`` stand side by side, the others each in the one before."""
    if not items:
        return ""
    (name, html), *others = items
    inner, after = ("", _fold(others, shown - 1)) if shown > 1 else (_fold(others, 0), "")
    return f"<details><summary>{name}</summary>{html}{inner}</details>{after}"


# ---------------------------------------------------------------- buttons, where a learner works


@cache
def _widget_class() -> Any:
    import anywidget
    from traitlets import Bool, Dict, List, Unicode

    class Buttons(anywidget.AnyWidget):
        """Says that an exercise is running; then offers its starter and its earlier runs."""

        _esm = _ESM.read_text(encoding="utf-8")
        name = Unicode().tag(sync=True)
        starter = Unicode().tag(sync=True)
        running = Bool(True).tag(sync=True)
        runs = List(Dict()).tag(sync=True)

    return Buttons


def _show_buttons(exercise: Exercise) -> Callable[[], None]:
    """Show the widget where somebody may be there to see it; return how to end its waiting."""
    if not recording() or not hasattr(get_ipython(), "kernel"):
        return lambda: None
    widget = _widget_class()(name=exercise.name, starter=exercise.starter)
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)  # type: ignore[no-untyped-call]

    def done() -> None:
        earlier = list(enumerate(runs(exercise.name), 1))[-20:]
        widget.runs = [
            {"n": n, "summary": _summary(r), "source": r.data["source"]} for n, r in earlier
        ]
        widget.running = False

    return done
