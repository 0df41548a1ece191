"""What a cell's questions send, store and record; how they look is tested in a browser."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from bs4 import BeautifulSoup
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from pydantic import BaseModel

from workbook.bank import TOPICS, Question, load_topic, proof_source
from workbook.progress import Event, Log
from workbook.quiz import quiz, render

ROOT = Path(__file__).parent.parent
SAMPLE = load_topic(Path(__file__).parent / "browser" / "sample").questions
CHAPTERS = sorted(path for path in TOPICS.iterdir() if (path / "questions.yml").exists())
NOTEBOOKS = sorted(ROOT.glob("notebooks/[0-9]*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
SETUP = f"""
import functools, os, pathlib
from workbook import bank, quiz
here = pathlib.Path({str(Path(__file__).parent / "browser")!r})
bank.find_question = functools.partial(bank.find_question, topics=here)
"""


class Kernel:
    """A kernel as a learner has it: recording, into a log of its own."""

    def __init__(self, folder: Path, record: bool = True) -> None:
        self.log = Log(f"sqlite:///{folder / 'progress.db'}")
        env = os.environ | {"WORKBOOK_DATABASE_URL": str(self.log._engine.url)}
        env |= {"WORKBOOK_RECORD": "1" if record else "0"}
        self.manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        self.manager.start_kernel(env=env, cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell; return every message that it sent to the page."""
        sent: list[dict[str, Any]] = []
        reply = self.client.execute_interactive(code, output_hook=sent.append, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        return [message for message in sent if message["msg_type"] != "status"]

    def show(self, *refs: str) -> str:
        """Show questions; return the id of their widget."""
        sent = self.run(f"quiz(*{refs!r})")
        [output] = [m["content"]["data"] for m in sent if m["msg_type"] == "display_data"]
        return str(output[WIDGET]["model_id"])

    def send(self, widget: str, kind: str, body: Any, number: int = 1) -> None:
        """Send what the front end sends."""
        data = {"method": "custom", "content": {"type": kind, "body": body, "re": number}}
        message = self.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
        self.client.shell_channel.send(message)

    def reply(self) -> dict[str, Any]:
        """Wait for the next answer to the front end."""
        while True:
            got = self.client.get_iopub_msg(timeout=90)
            if got["msg_type"] == "comm_msg" and got["content"]["data"]["method"] == "custom":
                content: dict[str, Any] = got["content"]["data"]["content"]
                return content

    def ask(self, widget: str, kind: str, body: Any = None) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self.send(widget, kind, body)
        return self.reply()

    @property
    def process(self) -> psutil.Process:
        """The kernel's own process."""
        return psutil.Process(self.manager.provisioner.pid)

    def stop(self) -> None:
        """End it, however it stands."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    yield kernel
    kernel.stop()


def answer(number: int = 0) -> dict[str, Any]:
    """An attempt, as the front end sends it."""
    return Event("answer", "sample/seconds", {"answer": number, "correct": False}).to_json()


def own_text(question: Question) -> int:
    """Count the UTF-8 bytes of what the author wrote: all texts of a question, and its proof."""
    terms = {"id", "kind", "level", "proof", "no_proof"}

    def count(value: Any) -> int:
        if isinstance(value, dict):
            return sum(count(each) for key, each in value.items() if key not in terms)
        if isinstance(value, list | tuple):
            return sum(map(count, value))
        return len(value.encode()) if isinstance(value, str) else 0

    return count(question.model_dump(mode="json")) + len((proof_source(question) or "").encode())


# ---------------------------------------------------------------- what is stored


def test_html_is_a_pure_function_of_the_questions() -> None:
    assert render(SAMPLE.values()) == render(SAMPLE.values())
    assert render(SAMPLE.values(), "x") != render(SAMPLE.values())


@pytest.mark.parametrize("topic", CHAPTERS, ids=lambda path: path.name)
def test_nothing_in_the_stored_html_can_run_or_be_filled_in(topic: Path) -> None:
    page = BeautifulSoup(render(load_topic(topic).questions.values()), "html.parser")
    names = {tag.name for tag in page.find_all()}
    active = {"script", "style", "link", "iframe", "object", "img", "form", "input", "button"}
    assert names.isdisjoint(active | {"select", "textarea", "svg", "base", "meta", "template"})
    attributes = [(key, str(value)) for tag in page.find_all() for key, value in tag.attrs.items()]
    assert not [key for key, _ in attributes if key.startswith("on") or key == "style"]
    assert not [v for key, v in attributes if key == "href" and not v.startswith("https://")]


NASTY = "x onclick=alert(1) \"'><script>alert(1)</script><b y=\\u003c"


def spoilt(value: Any) -> Any:
    """Put what tries to become script into every text and every name."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.keys() - {"id", "kind", "level", "proof", "no_proof"}
        return value.model_copy(update={name: spoilt(getattr(value, name)) for name in fields})
    if isinstance(value, dict):
        return {spoilt(name): spoilt(each) for name, each in value.items()}
    if isinstance(value, list):
        return [spoilt(each) for each in value]
    return NASTY + value if isinstance(value, str) else value


@pytest.mark.parametrize("name", SAMPLE)
def test_no_text_and_no_name_becomes_an_element_or_an_attribute(name: str) -> None:
    question = spoilt(SAMPLE[name])
    page = BeautifulSoup(render([question]), "html.parser")
    assert not page.find_all(["script", "b"])
    allowed = {"class", "type", "href", "start", "data-name", "data-for", "data-ref", "data-kind"}
    allowed |= {"data-hash", "data-key", "data-tolerance", "data-unit"}
    assert {key for tag in page.find_all() for key in tag.attrs} <= allowed
    names = [name for one in ("items", "left", "right") for name in getattr(question, one, {})]
    assert [tag["data-name"] for tag in page.find_all(attrs={"data-name": True})] == names


@pytest.mark.parametrize("topic", CHAPTERS, ids=lambda path: path.name)
def test_ten_questions_store_at_most_two_and_a_half_times_their_own_text(topic: Path) -> None:
    questions = list(load_topic(topic).questions.values())
    for start in range(len(questions) - 9):
        ten = questions[start : start + 10]
        stored = len(json.dumps(render(ten), ensure_ascii=False).encode())
        assert stored <= 2.5 * sum(map(own_text, ten)), [question.id for question in ten]


@pytest.mark.parametrize("topic", CHAPTERS, ids=lambda path: path.name)
def test_content_is_stored_once(topic: Path) -> None:
    for question in load_topic(topic).questions.values():
        html = render([question])
        for option in getattr(question, "options", None) or ():
            words = max(re.findall(r"[\w ]+", option.why), key=len).strip()
            assert html.count(words) == 1, (question.id, words)


# ---------------------------------------------------------------- what is sent


def test_an_unknown_question_is_refused_with_a_close_match() -> None:
    with pytest.raises(LookupError, match="did you mean 'lifespan_runs'"):
        quiz("wsgi_and_asgi/lifespan_run")
    with pytest.raises(LookupError, match="quiz\\(\\) needs a question"):
        quiz()


def test_a_quiz_of_ten_has_two_widget_models_and_one_output(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    try:
        kernel.run("from workbook import quiz")
        topic = CHAPTERS[0].name
        refs = [f"{topic}/{name}" for name in list(load_topic(CHAPTERS[0]).questions)[:10]]
        sent = kernel.run(f"quiz(*{refs!r})")
        kinds = [message["msg_type"] for message in sent]
        assert kinds.count("comm_open") == 2
        assert kinds.count("display_data") == 1
        again = [message["msg_type"] for message in kernel.run(f"quiz(*{refs!r})")]
        assert again.count("comm_open") == 1, "the front end is shared by a kernel's quizzes"
    finally:
        kernel.stop()


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapters_quiz_cells_send_at_most_150_kilobytes(notebook: Path, tmp_path: Path) -> None:
    cells = [cell.source for cell in nbformat.read(notebook, as_version=4).cells]
    quizzes = [source for source in cells if re.match(r"quiz\(", source)]
    assert quizzes
    kernel = Kernel(tmp_path)
    try:
        kernel.run("from workbook import quiz")
        sent = [message for source in quizzes for message in kernel.run(source)]
        sent = [message for message in sent if message["msg_type"] != "execute_input"]
    finally:
        kernel.stop()
    texts = [json.dumps([m["content"], m["metadata"]], ensure_ascii=False) for m in sent]
    buffers = [part for message in sent for part in message.get("buffers", [])]
    assert sum(len(t.encode()) for t in texts) + sum(map(len, buffers)) <= 150_000


# ---------------------------------------------------------------- what the page asks of the kernel


def test_an_attempt_is_recorded_once_however_often_it_is_sent(kernel: Kernel) -> None:
    widget, event = kernel.show("sample/seconds"), answer()
    for _ in range(2):
        assert kernel.ask(widget, "append", event) == {"type": "reply", "re": 1}
    assert [one.to_json() for one in kernel.log.events()] == [event]


def test_what_cannot_be_recorded_is_refused_with_a_reason(kernel: Kernel) -> None:
    widget = kernel.show("sample/seconds")
    assert "kind" in kernel.ask(widget, "append", answer() | {"kind": ""})["error"]
    assert "object" in kernel.ask(widget, "append", "x")["error"]
    assert kernel.log.events() == []


def test_a_kernel_that_records_nothing_refuses_attempts(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path, record=False)
    try:
        kernel.run(SETUP)
        widget = kernel.show("sample/seconds")
        assert "records nothing" in kernel.ask(widget, "append", answer())["error"]
    finally:
        kernel.stop()
    assert kernel.log.events() == []


def test_a_proof_runs_beside_the_kernel_and_not_in_it(kernel: Kernel) -> None:
    widget = kernel.show("sample/blocking", "sample/seconds")
    kernel.send(widget, "prove", "sample/blocking", 1)
    kernel.send(widget, "append", answer(), 2)
    replies = [kernel.reply(), kernel.reply()]
    assert [reply["re"] for reply in replies] == [2, 1], "an attempt does not wait for a proof"
    assert (replies[1]["literal"], replies[1]["error"]) == ("'wait'", None)
    kernel.run("import sys\nassert 'proofs' not in sys.modules")


def test_answers_travel_through_the_log(kernel: Kernel) -> None:
    widget, event = kernel.show("sample/seconds"), answer()
    kernel.ask(widget, "append", event)
    text = kernel.ask(widget, "export")["text"]
    kernel.ask(widget, "delete")
    assert kernel.log.events() == []
    for new, known in ((1, 0), (0, 1)):
        reply = kernel.ask(widget, "import", text)
        assert (reply["new"], reply["known"]) == (new, known)
    assert [one.to_json() for one in kernel.log.events()] == [event]


def test_a_widget_starts_with_the_last_attempts_of_its_own_questions(kernel: Kernel) -> None:
    widget = kernel.show("sample/seconds")
    for number in (1, 2):
        kernel.ask(widget, "append", answer(number))
    sent = kernel.run("quiz('sample/seconds')")
    [opened] = [m for m in sent if m["msg_type"] == "comm_open"]
    [past] = opened["content"]["data"]["state"]["setup"]["past"]
    assert past["data"]["answer"] == 2
    [opened] = [m for m in kernel.run("quiz('sample/merged')") if m["msg_type"] == "comm_open"]
    assert "past" not in opened["content"]["data"]["state"]["setup"]


# ---------------------------------------------------------------- a kernel killed in mid-answer


def kill_in_mid_answer(folder: Path, times: int) -> int:
    """Kill a kernel again and again while attempts come in; return how many were acknowledged.

    As the front end does, what was not acknowledged is sent to the next kernel.
    """
    waiting: dict[str, dict[str, Any]] = {}
    acknowledged: set[str] = set()
    sent: list[str] = []
    for turn in range(times + 1):
        kernel = Kernel(folder)
        try:
            kernel.run(SETUP)
            widget = kernel.show("sample/seconds")
            fresh = {event["id"]: event for event in (answer(n) for n in range(5))}
            waiting |= fresh
            sent += fresh
            for event in list(waiting.values()):
                kernel.send(widget, "append", event, event["id"])
            end = time.monotonic() + random.uniform(0, 0.12)
            while waiting and (turn == times or time.monotonic() < end):
                if not kernel.client.iopub_channel.msg_ready() and turn < times:
                    time.sleep(0.001)
                    continue
                reply = kernel.reply()
                assert "error" not in reply, reply
                acknowledged.add(reply["re"])
                waiting.pop(reply["re"], None)
            kernel.process.kill()
        finally:
            kernel.stop()
        recorded = [event.id for event in kernel.log.events()]
        assert acknowledged <= set(recorded), "an acknowledged attempt is lost"
        assert len(recorded) == len(set(recorded))
    assert sorted(recorded) == sorted(sent), "each attempt is there once"
    with closing(sqlite3.connect(folder / "progress.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return len(acknowledged)


@pytest.mark.needs_unix
def test_a_kernel_killed_in_mid_answer_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill_in_mid_answer(tmp_path, 2) >= 5


@pytest.mark.needs_unix
@pytest.mark.soak
def test_two_hundred_kernels_killed_in_mid_answer(
    tmp_path: Path, soak_row: Callable[[str, str], None]
) -> None:
    count = kill_in_mid_answer(tmp_path, 200)
    soak_row(
        "200 kernels killed with SIGKILL while attempts come in",
        f"{count} attempts acknowledged, 0 lost, 0 doubled, the file is sound",
    )
