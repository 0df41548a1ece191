"""``%%exercise``: what a learner sees, what is logged, and that the kernel survives everything."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from test_sandbox import ACCIDENTS, left_processes

from workbook import bank, exercises, progress
from workbook.sandbox import Call, Check, Verdict

HINTS = ["Think of `n + 2`.", "Do not multiply.", "Write `return n + 2`."]
EXERCISE = {
    "name": "add_two",
    "objective": "Add two to a number.",
    "difficulty": 1,
    "task": "Write `f(n)`.",
    "starter": "def f(n):\n    return n * 2\n",
    "hints": HINTS,
    "checks": ["adds", "again"],
    "limits": {"seconds": 20.0},
}
CHECKS = """
def adds(call):
    call("f", 2).gives(4)
    call("f", 3).gives(5)

def again(call):
    call("f", 0).gives(2)
"""
RIGHT, WRONG = "def f(n):\n    return n + 2\n", "def f(n):\n    return n * 2\n"


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    """A folder of topics with one exercise, and a solution notebook."""
    topic = tmp_path / "topics" / "demo"
    topic.mkdir(parents=True)
    (topic / "questions.yml").write_text("[]")
    (topic / "exercises.yml").write_text(json.dumps([EXERCISE]))
    (topic / "checks.py").write_text(CHECKS)
    (topic / "proofs.py").write_text("")
    for folder in ("notebooks", "solutions"):
        (tmp_path / folder).mkdir()
    cells = [
        {"cell_type": "code", "source": ["%%exercise other\n", "pass"]},
        {"cell_type": "code", "source": ["%%exercise add_two\n", *RIGHT.splitlines(True)]},
    ]
    (tmp_path / "solutions" / "01_demo.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "solutions" / "00_broken.ipynb").write_text("{")
    return topic.parent


@pytest.fixture
def shell(topics: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython in the folder of the notebooks, with the extension loaded and nothing recorded."""
    monkeypatch.setattr(exercises, "TOPICS", topics)
    monkeypatch.setattr(exercises, "_RUNS", [])
    monkeypatch.chdir(topics.parent / "notebooks")
    monkeypatch.setenv("NO_COLOR", "1")  # which the extension sets, is unset afterwards
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "workbook")
    yield shell
    shell.run_line_magic("unload_ext", "workbook")
    InteractiveShell.clear_instance()


@pytest.fixture
def show(shell: InteractiveShell) -> Callable[..., str]:
    """Run an ``add_two`` cell and return the HTML of its one output."""

    def show(source: str, name: str = "add_two") -> str:
        with capture_output() as captured:
            shell.run_cell(f"%%exercise {name}\n{source}")
        assert (captured.stdout, captured.stderr) == ("", "")
        (output,) = captured.outputs
        assert list(output.data) == ["text/html"]
        html: str = output.data["text/html"]
        return html

    return show


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[progress.Log]:
    """A log of one's own, and recording on."""
    log = progress.Log(f"sqlite:///{(tmp_path / 'progress.db').as_posix()}")
    monkeypatch.setattr(exercises, "default_log", lambda: log)
    monkeypatch.setenv("WORKBOOK_RECORD", "1")
    yield log
    log.close()


def texts(html: str, tag: str) -> list[str]:
    return [re.sub("<.*?>", "", found) for found in re.findall(rf"(?s)<{tag}\b.*?</{tag}>", html)]


# ---------------------------------------------------------------- what is shown


def test_a_wrong_answer_shows_what_was_called_expected_and_got(show: Callable[..., str]) -> None:
    html = show(WRONG)
    assert texts(html, "p")[0] == "0 of 2 checks passed."
    assert texts(html, "th") == [
        "Check",
        "Called",
        "Expected",
        "Got",
        "adds: failed",
        "again: failed",
    ]
    assert texts(html, "td") == ["f(2)", "4", "4", "f(3)", "5", "6", "f(0)", "2", "0"]


def test_a_right_answer_shows_no_hints(show: Callable[..., str]) -> None:
    html = show("def f(number):\n    return 2 + number\n")
    assert texts(html, "p")[0] == "All checks passed."
    assert "Hint" not in html
    assert texts(html, "summary") == ["Solution"]


def test_the_solution_itself_is_not_shown_the_solution(show: Callable[..., str]) -> None:
    assert texts(show(RIGHT), "summary") == []


def test_an_early_end_is_said_above_all(show: Callable[..., str]) -> None:
    html = show("def f(n)\n    return n")
    assert (
        texts(html, "pre")[0]
        == "SyntaxError in line 2: expected &#x27;:&#x27;\ndef f(n)\n        ^"
    )
    assert "<table" not in html


def test_the_same_code_gives_the_same_output(
    show: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import os\nprint(object(), os.getcwd(), {'a', 'b', 'c'})\n" + WRONG
    first = show(source)
    monkeypatch.setattr(exercises, "_RUNS", [])
    assert show(source) == first
    assert "0x..." in first


def test_what_was_printed_is_shown_and_cut(show: Callable[..., str]) -> None:
    html = show("print('\\x1b[31mred\\x1b[0m')\nprint('x' * 10_000)\n" + RIGHT)
    printed = texts(html, "pre")[0]
    assert printed.startswith("red\nxxx")
    assert len(printed) < 6_000


def test_all_text_of_the_learner_is_escaped(show: Callable[..., str]) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    for source in (
        f"print({evil!r})",
        f"raise ValueError({evil!r})",
        f"def f(n): return {evil!r}",
        f"def f(n): raise ValueError({evil!r})",
        f"{evil}",
        "import threading, time\n"
        f"threading.Thread(target=time.sleep, args=(9,), name={evil!r}).start()",
    ):
        html = show(source)
        assert "onerror" in html
        assert "<img" not in html
        assert "<script" not in html


def test_half_a_surrogate_pair_does_not_break_the_output(show: Callable[..., str]) -> None:
    show("def f(n): raise ValueError('\\ud800')").encode()


def nesting(html: str) -> list[tuple[int, str]]:
    """Return the depth and the name of each folded part."""
    depth, found = 0, []
    for tag, name in re.findall(r"<(/?details)>(?:<summary>(.*?)</summary>)?", html):
        depth += 1 if tag == "details" else -1
        if name:
            found.append((depth, name))
    return found


def test_hint_n_stands_open_after_n_failures_and_every_hint_can_be_reached(
    show: Callable[..., str],
) -> None:
    expected = [
        [(1, "Hint 1"), (2, "Hint 2"), (3, "Hint 3"), (4, "Solution")],
        [(1, "Hint 1"), (1, "Hint 2"), (2, "Hint 3"), (3, "Solution")],
        [(1, "Hint 1"), (1, "Hint 2"), (1, "Hint 3"), (2, "Solution")],
        [(1, "Hint 1"), (1, "Hint 2"), (1, "Hint 3"), (1, "Solution")],
        [(1, "Hint 1"), (1, "Hint 2"), (1, "Hint 3"), (1, "Solution")],
    ]
    for folded in expected:
        html = show(WRONG)
        assert nesting(html) == folded
        assert "<code>n + 2</code>" in html
        assert "return n + 2\n</pre>" in html
        assert "solutions/01_demo.ipynb" in html


def test_where_there_is_no_solution_it_says_where_to_look(
    show: Callable[..., str], topics: Path
) -> None:
    (topics.parent / "solutions" / "01_demo.ipynb").unlink()
    assert "the solution notebook of this chapter" in show(WRONG)


def test_many_calls_are_cut_in_the_middle(topics: Path) -> None:
    exercise = bank.find_exercise("add_two", topics)[1]
    calls = [Call(f"f({n})", "1", "1", True) for n in range(50)] + [Call("f(50)", "1", "2", False)]
    verdict = Verdict(False, None, [Check("adds", False, "", calls)], "", 1.0)
    html = exercises.render(exercise, verdict, 1, ("x", None), "")
    assert "(45 more, each as expected)" in html
    assert texts(html, "td")[-3:] == ["f(50)", "1", "2"]


def test_an_unknown_name_is_one_line_with_the_nearest(shell: InteractiveShell) -> None:
    with capture_output() as captured:
        shell.run_cell("%%exercise add_too\npass")
    assert captured.stderr.startswith(
        "UsageError: unknown exercise 'add_too': did you mean 'add_two'?"
    )
    assert captured.outputs == []


# ---------------------------------------------------------------- the log, reset and restore


def test_every_run_is_logged_with_its_source_and_verdict(
    show: Callable[..., str], log: progress.Log
) -> None:
    show(WRONG)
    show(RIGHT)
    first, second = log.events(kind="run", subject="add_two")
    assert first.data == {
        "source": WRONG,
        "passed": False,
        "failure": None,
        "checks": {"adds": "f(3): expected 5, got 6", "again": "f(0): expected 2, got 0"},
    }
    assert second.data["passed"] is True
    assert second.data["checks"] == {"adds": "", "again": ""}


def test_hints_count_the_failures_of_earlier_sessions(
    show: Callable[..., str], log: progress.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(WRONG)
    monkeypatch.setattr(exercises, "_RUNS", [])
    assert nesting(show(WRONG))[1] == (1, "Hint 2")


def test_nothing_is_logged_where_nothing_is_to_be_recorded(
    show: Callable[..., str], log: progress.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_RECORD", "0")
    show(WRONG)
    assert log.events() == []


def test_a_log_that_cannot_be_written_does_not_hide_the_verdict(
    show: Callable[..., str], log: progress.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise progress.ProgressError("the disk is <full>")

    monkeypatch.setattr(log, "append", full)
    html = show(WRONG)
    assert "0 of 2 checks passed." in html
    assert "This run was not recorded." in html
    assert "the disk is &lt;full&gt;" in html


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch, shell: InteractiveShell) -> list[tuple[str, bool]]:
    made: list[tuple[str, bool]] = []
    monkeypatch.setattr(shell, "set_next_input", lambda text, replace: made.append((text, replace)))
    return made


def test_reset_puts_the_starter_into_a_new_cell(
    cells: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    exercises.reset("add_two")
    assert cells == [(f"%%exercise add_two\n{EXERCISE['starter']}", False)]
    assert "Your own cell is as it was" in capsys.readouterr().out


def test_restore_puts_an_earlier_run_into_a_new_cell(
    show: Callable[..., str], cells: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    show(WRONG)
    show(RIGHT)
    exercises.restore("add_two")
    exercises.restore("add_two", 1)
    assert cells == [(f"%%exercise add_two\n{source}", False) for source in (RIGHT, WRONG)]
    assert "1: " in capsys.readouterr().out
    with pytest.raises(LookupError, match=r"(?s)no run 3\..*0 of 2 checks.*2 of 2 checks"):
        exercises.restore("add_two", 3)


def test_restore_without_runs_says_so(cells: list[tuple[str, bool]]) -> None:
    with pytest.raises(LookupError, match="none yet"):
        exercises.restore("add_two")
    assert cells == []


# ---------------------------------------------------------------- a real kernel


class Kernel:
    """A kernel as a learner has it: recording, with the extension loaded."""

    def __init__(self, topics: Path) -> None:
        self.folder = topics.parent / "temporary"
        self.folder.mkdir()
        url = f"sqlite:///{(topics.parent / 'progress.db').as_posix()}"
        settings = {"WORKBOOK_DATABASE_URL": url, "TMPDIR": str(self.folder)}
        environment = {**os.environ, **settings}
        del environment["WORKBOOK_RECORD"]
        self.manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        self.manager.start_kernel(env=environment, cwd=str(topics.parent / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.run(
            "%load_ext workbook\nimport workbook.exercises\nfrom pathlib import Path\n"
            f"workbook.exercises.TOPICS = Path({str(topics)!r})\nhere = 1"
        )

    def start(self, code: str) -> str:
        message: str = self.client.execute(code)
        return message

    def wait(self, message: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the reply and the data of the outputs."""
        outputs = []
        while True:
            got = self.client.get_iopub_msg(timeout=90)
            if got["parent_header"].get("msg_id") != message:
                continue
            if got["msg_type"] == "display_data":
                outputs.append(got["content"]["data"])
            if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=90)
            if reply["parent_header"].get("msg_id") == message:
                return reply["content"], outputs

    def run(self, code: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        return self.wait(self.start(code))

    @property
    def alive(self) -> bool:
        """The same kernel, with what it had in memory."""
        reply, _ = self.run("assert here == 1")
        return reply["status"] == "ok" and self.manager.is_alive()

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(topics: Path) -> Iterator[Kernel]:
    kernel = Kernel(topics)
    yield kernel
    kernel.stop()


WIDGET = "application/vnd.jupyter.widget-view+json"


def test_in_a_kernel_the_html_is_one_output_and_the_buttons_another(kernel: Kernel) -> None:
    reply, outputs = kernel.run("%%exercise add_two\n" + WRONG)
    assert reply["status"] == "ok"
    assert [list(data) for data in outputs] == [[WIDGET], ["text/html"]]
    _, outputs = kernel.run(
        "import ipywidgets\n[w] = [w for w in ipywidgets.Widget.widgets.values()"
        " if type(w).__name__ == 'Buttons']\n"
        "from IPython.display import display\n"
        "[run] = w.runs\ndisplay({'x': [w.name, w.running, run['n'], run['source']]}, raw=True)"
    )
    assert outputs == [{"x": ["add_two", False, 1, WRONG]}]


def test_what_a_cell_starts_prints_without_colours(kernel: Kernel) -> None:
    """Python 3.13 would colour its tracebacks, and the stored outputs hold for 3.11 too."""
    fails = 'subprocess.run([sys.executable, "-c", "1 / 0"], capture_output=True, text=True)'
    code = f"import subprocess, sys\ndisplay({{'x': {fails}.stderr}}, raw=True)"
    _, [output] = kernel.run(code)
    assert "ZeroDivisionError" in output["x"]
    assert "\x1b" not in output["x"]


def test_reset_and_restore_ask_for_a_new_cell(kernel: Kernel) -> None:
    kernel.run("%%exercise add_two\n" + RIGHT)
    for call, source in (("reset('add_two')", WRONG), ("restore('add_two')", RIGHT)):
        reply, _ = kernel.run(f"from workbook import reset, restore\n{call}")
        assert reply["payload"] == [
            {"source": "set_next_input", "text": f"%%exercise add_two\n{source}", "replace": False}
        ]


NEAR_THE_KERNEL = {
    "sys.exit(0)": "import sys\nsys.exit(0)",
    "os._exit(0)": "import os\nos._exit(0)",
    "killing its group": "import os, signal\nos.killpg(0, signal.SIGKILL)",
    "interrupting its parent": "import os\nos.kill(os.getppid(), 2)\n" + WRONG,
    "a kernel's own commands": "get_ipython().kernel.do_shutdown(False)",
}


def survive(kernel: Kernel, source: str) -> None:
    reply, outputs = kernel.run("%%exercise add_two\n" + source)
    assert reply["status"] == "ok", source
    assert "All checks passed" not in outputs[-1]["text/html"], source
    assert left_processes(kernel.folder) == [], source


@pytest.mark.needs_unix
def test_the_kernel_survives_what_is_aimed_at_a_process(kernel: Kernel) -> None:
    for source in NEAR_THE_KERNEL.values():
        survive(kernel, source)
    assert kernel.alive


@pytest.mark.needs_unix
@pytest.mark.soak
def test_the_kernel_survives_every_accident(
    kernel: Kernel, soak_row: Callable[[str, str], None]
) -> None:
    for source, _ in ACCIDENTS.values():
        survive(kernel, source)
    assert kernel.alive
    soak_row(
        "one kernel runs every accident: alive, no process left", f"{len(ACCIDENTS)} accidents"
    )


@pytest.mark.needs_unix
def test_interrupting_the_cell_ends_the_run_and_not_the_kernel(kernel: Kernel) -> None:
    ready = kernel.folder / "ready"
    message = kernel.start(
        "%%exercise add_two\nimport os\nfrom pathlib import Path\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        f"Path({str(ready)!r}).touch()\nwhile True: pass"
    )
    deadline = time.monotonic() + 60
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    kernel.manager.interrupt_kernel()
    reply, outputs = kernel.wait(message)
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
    assert all("text/html" not in data for data in outputs)
    assert left_processes(kernel.folder) == []
    assert kernel.alive
    reply, outputs = kernel.run("%%exercise add_two\n" + RIGHT)
    assert "All checks passed" in outputs[-1]["text/html"]


@pytest.mark.needs_unix
def test_a_killed_kernel_leaves_no_run_behind(kernel: Kernel) -> None:
    ready = kernel.folder / "ready"
    kernel.start(
        "%%exercise add_two\nimport os\nfrom pathlib import Path\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        f"Path({str(ready)!r}).touch()\nwhile True: pass"
    )
    deadline = time.monotonic() + 60
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(kernel.manager.provisioner.pid, signal.SIGKILL)  # type: ignore[union-attr]
    deadline = time.monotonic() + 20
    while left_processes(kernel.folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_processes(kernel.folder) == []
