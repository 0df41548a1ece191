"""For authors: what notebooks store, and what the question bank looks like.

- ``python -m workbook.authoring refresh [NOTEBOOK or FOLDER ...]`` runs notebooks and rewrites
  their stored outputs. Where only measured values (``≈ 1.03 s``) have changed, or a picture beside
  them, what is stored stays, so that an unchanged notebook stays the same to the byte. To have such
  a cell stored anew, clear its outputs first.
- ``python -m workbook.authoring check [TOPIC ...]`` lists the faults of the question bank, or
  counts what is in it.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean
from typing import Any

from .bank import TOPICS, BankError, Question, Single, Topic, load_bank, load_topic
from .chooser import load_choosers

MEASURED = re.compile(r"≈\s*[-+0-9.,]+")  #: what tests/nbval_sanitize.cfg masks too
WIDGET = "application/vnd.jupyter.widget-view+json"


def strip_widget_views(model: dict[str, Any], **kwargs: Any) -> None:
    """Take widgets out of a notebook before it is saved: a ``pre_save_hook`` of Jupyter.

    Where a widget's view is stored, a reopened notebook says "model not found" in place of the form
    that is stored beside it.
    """
    if model["type"] == "notebook":
        _strip(model["content"])


def _strip(notebook: dict[str, Any]) -> None:
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        for output in list(cell.get("outputs", [])):
            if WIDGET in (data := output.get("data", {})):
                del data[WIDGET]
                if not data:
                    cell["outputs"].remove(output)


# ---------------------------------------------------------------- refresh


def refresh(paths: Iterable[Path], progress: Callable[[str], object]) -> list[str]:
    """Run notebooks, each in its folder, and rewrite the outputs that have changed.

    Nothing is recorded in the learner's log. Returns what went wrong, naming notebook, cell and
    error; such a notebook is left as it was. ``progress`` is told of each cell as it begins.
    """
    failures = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        stored = json.loads(text)
        try:
            fresh = _run(path, progress)
        except RuntimeError as error:
            failures.append(str(error))
            continue
        _strip(stored)
        for old, new in zip(stored["cells"], fresh["cells"], strict=True):
            if old["cell_type"] == "code":
                count = old["execution_count"] = new["execution_count"]
                if not _may_stay(old["outputs"], new["outputs"]):
                    old["outputs"] = new["outputs"]
                for output in old["outputs"]:
                    if "execution_count" in output:
                        output["execution_count"] = count
        if stored != json.loads(text):
            rewritten = json.dumps(stored, indent=1, ensure_ascii=False) + "\n"
            path.write_text(rewritten, encoding="utf-8", newline="\n")
            progress(f"{path}: rewritten")
    return failures


def _run(path: Path, progress: Callable[[str], object]) -> dict[str, Any]:
    """Return a notebook as a run of its cells leaves it; raise ``RuntimeError`` on a failure."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    place = f"{path}, before its first cell"

    def begun(cell: Any, cell_index: int) -> None:
        nonlocal place
        place = f"{path}, cell {cell_index + 1} of {len(notebook.cells)}"
        progress(place)

    client = NotebookClient(notebook, on_cell_execute=begun, timeout=300)
    client.store_widget_state, client.record_timing, client.coalesce_streams = False, False, True
    client.resources = {"metadata": {"path": str(path.parent)}}
    client.extra_arguments = ["--log-level=ERROR"]
    here = KernelSpecManager(kernel_dirs=[])  # the kernel of this very interpreter, no other
    client.km = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=here)
    try:
        client.execute(env={**os.environ, "WORKBOOK_RECORD": "0"})
    except CellExecutionError as error:
        raise RuntimeError(f"{place}: {error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        if hasattr(client, "_async_cleanup_kernel_future"):  # nbclient was interrupted
            raise KeyboardInterrupt from None
        raise RuntimeError(f"{place}: {type(error).__name__}: {error}") from None
    fresh: dict[str, Any] = json.loads(nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    _strip(fresh)
    for output in (o for cell in fresh["cells"] for o in cell.get("outputs", [])):
        if "traceback" in output:  # it names files of this machine
            output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
    return fresh


def _may_stay(stored: list[Any], new: list[Any]) -> bool:
    """Whether outputs differ in nothing but measured values and pictures drawn from them."""
    (old_text, old_pictures), (new_text, new_pictures) = _parts(stored), _parts(new)
    if MEASURED.sub("≈", old_text) != MEASURED.sub("≈", new_text):
        return False
    return old_pictures == new_pictures or bool(MEASURED.search(old_text))


def _parts(outputs: list[Any]) -> tuple[str, list[str]]:
    """Split outputs into all that is compared and the pictures."""
    texts, pictures = [], []
    for output in outputs:
        data = {kind: _joined(value) for kind, value in output.get("data", {}).items()}
        pictures += [data.pop(kind) for kind in sorted(data) if kind.startswith("image/")]
        told = {key: _joined(output.get(key)) for key in ("output_type", "name", "text", "evalue")}
        texts.append(told | data)
    return json.dumps(texts, sort_keys=True, ensure_ascii=False), pictures


def _joined(value: Any) -> Any:
    return "".join(value) if isinstance(value, list) else value


# ---------------------------------------------------------------- check


def tendencies(questions: Iterable[Question]) -> dict[str, tuple[int, int, float]]:
    """Return how often a guesser's habits find the key of a ``single`` question.

    For each habit: its hits, the questions it was tried on, and its chance of a hit.
    """
    sized = [(q.key, [len(o.text) for o in q.options]) for q in questions if isinstance(q, Single)]
    ends = {"the longest": max, "the shortest": min}
    found = {}
    for habit in [*ends, *range(max((len(sizes) for _, sizes in sized), default=0))]:
        hits = []
        for key, sizes in sized:
            if isinstance(habit, int) and habit < len(sizes):
                hits.append((key == habit, 1 / len(sizes)))
            elif isinstance(habit, str):
                best = ends[habit](sizes)
                hits.append((sizes[key] == best and sizes.count(best) == 1, 1 / len(sizes)))
        if hits:
            name = habit if isinstance(habit, str) else f"option {habit}"
            found[name] = sum(hit for hit, _ in hits), len(hits), mean(p for _, p in hits)
    return found


def interval(hits: int, tried: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Wilson's, 1927: it holds for few trials too)."""
    z, rate = 1.96, hits / tried
    middle = (rate + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z * math.sqrt(rate * (1 - rate) / tried + (z / (2 * tried)) ** 2) / (1 + z * z / tried)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def report(topic: Topic) -> str:
    """Return what an author wants to know of a topic: counts, proofs, and where its keys are."""
    questions = list(topic.questions.values())
    keyed = [question for question in questions if question.kind != "open"]
    proved = sum(question.proof is not None for question in keyed)
    lines = [
        f"{topic.name}: {len(questions)} questions, {len(topic.exercises)} exercises; "
        f"a proof for {proved} of {len(keyed)} ({proved / max(len(keyed), 1):.0%})"
    ]
    for aspect in ("kind", "level", "difficulty"):
        counts = Counter(str(getattr(question, aspect)) for question in questions)
        lines.append(f"  {aspect}: " + ", ".join(f"{counts[k]} {k}" for k in sorted(counts)))
    for habit, (hits, tried, chance) in tendencies(questions).items():
        low, high = interval(hits, tried)
        rates = f"95 % interval {low:.0%} to {high:.0%}, chance {chance:.0%}"
        lines.append(f"  the key is {habit}: {hits} of {tried} ({rates})")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run a command of this module; return its exit code."""
    parser = ArgumentParser(prog="python -m workbook.authoring", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("refresh").add_argument("paths", nargs="*", type=Path)
    commands.add_parser("check").add_argument("topics", nargs="*")
    given = parser.parse_args(arguments)
    if given.command == "refresh":
        folders = given.paths or [Path("notebooks"), Path("solutions")]
        paths = [f for p in folders for f in (sorted(p.glob("*.ipynb")) if p.is_dir() else [p])]
        failures = refresh(paths, lambda message: print(message, file=sys.stderr))
        print(*failures, sep="\n", end="\n" * bool(failures), file=sys.stderr)
        return bool(failures)
    try:
        topics = [load_topic(TOPICS / name) for name in given.topics] or [*load_bank().values()]
        for topic in topics:
            load_choosers(topic.path)
    except BankError as error:
        print(error)
        return 1
    print(*map(report, topics), sep="\n\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
