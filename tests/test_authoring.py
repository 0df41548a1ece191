"""What authors run: refreshing stored outputs, keeping widgets out, looking at the bank."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat.v4 as v4
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbval.plugin import get_sanitize_patterns

from workbook import authoring
from workbook.authoring import MEASURED, WIDGET, interval, refresh, strip_widget_views, tendencies

SANITIZE = Path(__file__).parent / "nbval_sanitize.cfg"

SOURCES = [
    "# a title",
    "import os, sys, random\nprint('one', end=''); print(' line')\nprint('err', file=sys.stderr)",
    "{'a': 1}",
    "print(f'took ≈ {random.uniform(1, 2):.3f} s')",
    """\
import matplotlib.pyplot as plt
values = [random.random() for _ in range(5)]
plt.figure(figsize=(1, 1)); plt.plot(values)
print('≈', values[0], '≈', values[1])""",
    "import ipywidgets\nipywidgets.IntSlider()",
    f"""\
from IPython.display import display
view = {{'text/html': '<b>form</b>', '{WIDGET}': {{'model_id': str(random.random())}}}}
display(view, raw=True)""",
    "1 / 0",
    "print(os.path.basename(os.getcwd()))\n"
    "print(os.environ['WORKBOOK_RECORD'], sys.executable == os.environ['EXPECTED_PYTHON'])",
]  # fmt: skip


def write(path: Path, *sources: str, **tagged: str) -> Path:
    """Write a notebook of code cells; the first source, if it begins with ``# ``, is Markdown."""
    cells = []
    for number, source in enumerate(sources):
        new = v4.new_markdown_cell if source.startswith("# ") else v4.new_code_cell
        cells.append(new(source, id=f"cell-{number}"))
        if source == "1 / 0":
            cells[-1]["metadata"]["tags"] = ["raises-exception"]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"z": 1, "a": {"é": 2}}}
    # neither sorted nor in the order in which nbformat writes: refresh must not mind
    notebook["cells"] = [dict(reversed(cell.items())) for cell in cells]
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def cells_of(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A notebook refreshed from nothing, and then again."""
    path = write(tmp_path_factory.mktemp("books") / "small.ipynb", *SOURCES)
    before, told = path.read_bytes(), list[str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPECTED_PYTHON", sys.executable)
        patch.delenv("WORKBOOK_RECORD", raising=False)
        children = len(psutil.Process().children(recursive=True))
        failures = refresh([path], told.append)
        first = path.read_bytes()
        failures += refresh([path], told.append)
        left = len(psutil.Process().children(recursive=True)) - children
    return SimpleNamespace(
        path=path, before=before, first=first, second=path.read_bytes(), told=told,
        failures=failures, left=left, cells=json.loads(first)["cells"],
    )  # fmt: skip


def test_outputs_are_stored(refreshed: SimpleNamespace) -> None:
    assert refreshed.failures == []
    outputs = [cell.get("outputs") for cell in refreshed.cells]
    assert outputs[1] == [
        {"name": "stdout", "output_type": "stream", "text": ["one line\n"]},
        {"name": "stderr", "output_type": "stream", "text": ["err\n"]},
    ]
    assert outputs[2][0]["data"] == {"text/plain": ["{'a': 1}"]}
    assert outputs[3][0]["text"][0].startswith("took ≈ 1.")
    assert "image/png" in outputs[4][1]["data"]
    assert [cell.get("execution_count") for cell in refreshed.cells] == [None, *range(1, 9)]


def test_an_unchanged_notebook_stays_the_same_to_the_byte(refreshed: SimpleNamespace) -> None:
    assert refreshed.second == refreshed.first != refreshed.before
    assert sum("rewritten" in line for line in refreshed.told) == 1


def test_nothing_but_outputs_and_counts_is_rewritten(refreshed: SimpleNamespace) -> None:
    before, after = json.loads(refreshed.before), json.loads(refreshed.first)
    assert list(before) == list(after)
    assert refreshed.first.endswith(b"}\n")
    assert "é".encode() in refreshed.first
    for old, new in zip(before["cells"], after["cells"], strict=True):
        assert list(old) == list(new)
        blank = {"outputs": [], "execution_count": None}
        assert {**new, **blank} == {**old, **blank}
    assert {**before, "cells": []} == {**after, "cells": []}


def test_no_widget_is_stored(refreshed: SimpleNamespace) -> None:
    for cell in refreshed.cells:
        assert all(WIDGET not in output.get("data", {}) for output in cell.get("outputs", []))
    assert "text/plain" in refreshed.cells[5]["outputs"][0]["data"]
    assert refreshed.cells[6]["outputs"][0]["data"] == {"text/html": ["<b>form</b>"]}
    assert "widgets" not in json.loads(refreshed.first)["metadata"]


def test_a_tagged_error_is_stored_without_paths(refreshed: SimpleNamespace) -> None:
    [output] = refreshed.cells[7]["outputs"]
    assert output["ename"] == "ZeroDivisionError"
    assert output["traceback"] == ["ZeroDivisionError: division by zero"]


def test_cells_run_in_their_folder_unrecorded_on_this_python(refreshed: SimpleNamespace) -> None:
    folder = refreshed.path.parent.name
    assert refreshed.cells[8]["outputs"][0]["text"] == [f"{folder}\n", "0 True\n"]


def test_progress_names_notebook_and_cell_and_no_process_is_left(
    refreshed: SimpleNamespace,
) -> None:
    assert refreshed.told[0] == f"{refreshed.path}, cell 2 of 9"
    assert refreshed.told[7] == f"{refreshed.path}, cell 9 of 9"
    assert refreshed.left == 0


def test_what_changed_is_rewritten_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", "print('≈', __import__('time').time())", "print(2 + 2)", "3")
    assert refresh([path], print) == []
    notebook = json.loads(path.read_text())
    measured = notebook["cells"][0]["outputs"]
    notebook["cells"][1]["outputs"][0]["text"] = ["5\n"]
    notebook["cells"][2]["outputs"][0]["data"][WIDGET] = {"model_id": "x"}
    notebook["metadata"]["widgets"] = {}
    path.write_text(json.dumps(notebook, indent=1) + "\n")
    assert refresh([path], print) == []
    cells = cells_of(path)
    assert cells[0]["outputs"] == measured
    assert cells[1]["outputs"][0]["text"] == ["4\n"]
    assert list(cells[2]["outputs"][0]["data"]) == ["text/plain"]
    assert "widgets" not in json.loads(path.read_text())["metadata"]


def test_an_error_is_named_and_its_notebook_left_alone(tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.ipynb", "# text", "x = 1", "x.boom", "print('never')")
    dead = write(tmp_path / "dead.ipynb", "import os; os._exit(3)")
    good = write(tmp_path / "good.ipynb", "print('fine')")
    before = bad.read_bytes(), dead.read_bytes()
    failures = refresh([bad, dead, good], print)
    assert failures[0] == (
        f"{bad}, cell 3 of 4: AttributeError: 'int' object has no attribute 'boom'"
    )
    assert failures[1].startswith(f"{dead}, cell 1 of 1: DeadKernelError: ")
    assert len(failures) == 2
    assert (bad.read_bytes(), dead.read_bytes()) == before
    assert cells_of(good)[0]["outputs"][0]["text"] == ["fine\n"]


@pytest.mark.needs_unix
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_refresh_leaves_file_and_machine_as_they_were(
    tmp_path: Path, how: signal.Signals
) -> None:
    source = "import os, time\nprint(os.getpid(), file=open('pid', 'w'))\ntime.sleep(600)"
    path = write(tmp_path / "slow.ipynb", source)
    other = write(tmp_path / "then.ipynb", "open('reached', 'w')")
    before = path.read_bytes()
    command = [sys.executable, "-m", "workbook.authoring", "refresh", str(path), str(other)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ})
    marker = tmp_path / "pid"
    while not marker.exists() or not marker.read_text().strip():
        assert process.poll() is None
        time.sleep(0.1)
    kernel = psutil.Process(int(marker.read_text()))
    process.send_signal(how)
    assert process.wait(60) != 0
    kernel.wait(60)  # raises if it is still there
    assert path.read_bytes() == before
    assert not (tmp_path / "reached").exists()


def test_the_command_reports_failures_and_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "one.ipynb", "1 + 1")
    write(tmp_path / "two.ipynb", "nothing")
    assert authoring.main(["refresh", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert f"{tmp_path / 'one.ipynb'}: rewritten" in told
    assert f"{tmp_path / 'two.ipynb'}, cell 1 of 1: NameError: name 'nothing'" in told
    assert authoring.main(["refresh", str(tmp_path / "one.ipynb")]) == 0


# ---------------------------------------------------------------- what may stay


def stream(*text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": list(text)}


def picture(data: str) -> dict[str, Any]:
    kinds = {"image/png": data, "text/plain": "<Figure>"}
    return {"output_type": "display_data", "data": kinds, "metadata": {}}


@pytest.mark.parametrize(
    ("old", "new", "stays"),
    [
        ([stream("≈ 1.0 s")], [stream("≈ 22.5 s")], True),
        ([stream("a\n", "≈ 1 s\n")], [stream("a\n≈ 7 s\n")], True),
        ([stream("≈ 1.0 s")], [stream("≈ 22.5 ms")], False),
        ([stream("1.0 s")], [stream("22.5 s")], False),
        ([stream("≈ 1.0 s, 3 errors")], [stream("≈ 1.0 s, 4 errors")], False),
        ([stream("≈ 1.0 s")], [], False),
        ([], [stream("≈ 1.0 s")], False),
        ([], [], True),
        ([stream("≈ 1 s"), picture("A")], [stream("≈ 2 s"), picture("B")], True),
        ([stream("≈ 1 s"), picture("A")], [stream("≈ 1 s"), picture("B")], True),
        ([stream("1 s"), picture("A")], [stream("1 s"), picture("B")], False),
        ([stream("1 s"), picture("A")], [stream("1 s"), picture("A")], True),
        ([stream("≈ 1 s, 2"), picture("A")], [stream("≈ 1 s, 3"), picture("B")], False),
        ([picture("A")], [picture("B")], False),
        ([stream("≈ 1 s")], [stream("≈ 1 s"), picture("B")], False),
    ],
)
def test_stored_outputs_stay_where_only_measured_values_differ(
    old: list[Any], new: list[Any], stays: bool
) -> None:
    assert authoring._may_stay(old, new) is stays


@given(st.text(st.sampled_from("≈ 0123456789.,-+smx\n\t"), max_size=30))
def test_nbval_masks_what_refresh_masks(text: str) -> None:
    [(pattern, replacement)] = get_sanitize_patterns(SANITIZE.read_text(encoding="ascii"))
    masked = re.sub(pattern, replacement, text)
    assert masked == MEASURED.sub("≈", text)
    kept = "".join(text.split("≈")[:1])
    assert masked.startswith(kept), "nothing before the mark is touched"
    assert masked.count("≈") == text.count("≈")
    if "≈" not in text:
        assert masked == text


# ---------------------------------------------------------------- the hook


def test_the_hook_takes_widgets_out_of_a_notebook_that_is_saved() -> None:
    html_too = {"output_type": "display_data", "data": {WIDGET: {}, "text/html": "x"}}
    alone = {"output_type": "display_data", "data": {WIDGET: {}}}
    same = {"output_type": "display_data", "data": {"text/html": "x"}}
    content = {
        "metadata": {"widgets": {"state": 1}, "kernelspec": {}},
        "cells": [
            {"cell_type": "markdown", "source": ""},
            {"cell_type": "code", "outputs": [html_too, alone, same, stream("x")]},
        ],
    }
    strip_widget_views(model={"type": "notebook", "content": content}, path="a", contents_manager=1)
    assert content["cells"][1]["outputs"] == [same, same, stream("x")]
    assert content["metadata"] == {"kernelspec": {}}


def test_the_hook_leaves_other_files_alone() -> None:
    model = {"type": "file", "content": "text"}
    strip_widget_views(model=model, path="a.txt", contents_manager=None)
    assert model == {"type": "file", "content": "text"}


# ---------------------------------------------------------------- looking at the bank

QUESTION = """\
- id: q{n}
  kind: single
  objective: o
  difficulty: 1
  level: recall
  prompt: Which?
  source: s
  no_proof: judgement
  options:
    - {{text: {a}, why: w}}
    - {{text: {b}, why: w}}
    - {{text: {c}, why: w}}
  key: {key}
"""


@pytest.fixture
def topics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shapes = [("aa", "b", "cccc", 2), ("aaaa", "b", "cc", 2)]
    shapes += [("aaaa", "b", "cc", 1), ("a", "bb", "cc", 1)]
    text = "".join(
        QUESTION.format(n=n, a=a, b=b, c=c, key=key) for n, (a, b, c, key) in enumerate(shapes)
    )
    (tmp_path / "topic").mkdir()
    (tmp_path / "topic" / "questions.yml").write_text(text)
    monkeypatch.setattr(authoring, "TOPICS", tmp_path)
    return tmp_path


def test_the_report_counts_what_guessers_would_find(
    topics: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert authoring.main(["check", "topic"]) == 0
    told = capsys.readouterr().out
    assert "topic: 4 questions, 0 exercises; a proof for 0 of 4 (0%)" in told
    assert "kind: 4 single" in told
    assert "the key is the longest: 1 of 4 (95 % interval 5% to 70%, chance 33%)" in told
    assert "the key is the shortest: 1 of 4" in told
    assert "the key is option 0: 0 of 4" in told
    assert "the key is option 2: 2 of 4" in told


def test_faults_are_listed_with_file_and_line(
    topics: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = topics / "topic" / "questions.yml"
    file.write_text(file.read_text().replace("key: 1", "key: 9"))
    assert authoring.main(["check", "topic"]) == 1
    told = capsys.readouterr().out
    assert f"{file}:39: [2].key: " in told
    assert f"{file}:52: [3].key: " in told


def test_an_unknown_topic_is_named(topics: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert authoring.main(["check", "no_such_topic"]) == 1
    assert "no_such_topic" in capsys.readouterr().out


def test_every_packaged_topic_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert authoring.main(["check"]) == 0
    assert "questions" in capsys.readouterr().out


def test_a_topic_without_choices_has_no_tendencies() -> None:
    assert tendencies([]) == {}


@pytest.mark.parametrize(
    ("hits", "tried", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366)],
)
def test_intervals_are_wilsons(hits: int, tried: int, low: float, high: float) -> None:
    """The last is the example of Newcombe (1998), table I, method 3."""
    assert interval(hits, tried) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))
