"""A quiz of 10 and of 50 questions, against jupyterquiz and against plain ipywidgets.

All three show the same questions, of four options with feedback each, in a real kernel. "Kernel" is
the time from sending the cell to the kernel's last message, "sent" all that it sends for the cell,
and "stored" what a saved notebook then holds; for plain widgets with their state, without which
nothing shows. A kernel sends our front end with its first quiz, and never again.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from measure import Row, compare, say, size

TIMES = 7
SETUP = """
import json, sys
from pathlib import Path
import ipywidgets
from IPython.display import display
from ipywidgets.embed import dependency_state
from jupyterquiz import display_quiz
import workbook.bank
from workbook import quiz
folder = Path({folder!r})
topics = {{name: workbook.bank.load_topic(folder / name / "sample") for name in ("10", "50")}}

def ours(name):
    questions = topics[name].questions
    workbook.bank.find_question = questions.__getitem__
    quiz(*questions)

def jupyterquiz(name):
    display_quiz([
        {{"question": q.prompt, "type": "multiple_choice", "answers": [
            {{"answer": o.text, "correct": i == q.key, "feedback": o.why}}
            for i, o in enumerate(q.options)]}}
        for q in topics[name].questions.values()])

def ipywidgets_(name):
    def one(q):
        choice = ipywidgets.RadioButtons(options=[o.text for o in q.options], value=None)
        check, feedback = ipywidgets.Button(description="Check"), ipywidgets.HTML()
        def show(_):
            i = choice.index
            feedback.value = "" if i is None else q.options[i].why
        check.on_click(show)
        return ipywidgets.VBox([ipywidgets.HTML(q.prompt), choice, check, feedback])
    global shown
    shown = ipywidgets.VBox([one(q) for q in topics[name].questions.values()])
    display(shown)

for show in (ours, jupyterquiz, ipywidgets_):
    show("10")
"""


def topic_folder(folder: Path, count: int) -> Path:
    """Write a topic of ``count`` questions, each different and of a usual size."""
    questions = [
        {
            "id": f"question_{n}",
            "kind": "single",
            "objective": f"Tell what server number {n} does while a request waits.",
            "difficulty": 1 + n % 3,
            "level": "recall",
            "prompt": f"Server {n} runs **one** worker, and `handler_{n}` waits. What then?",
            "options": [
                {
                    "text": f"Option {letter} of {n}: request {n + i} is {what}",
                    "why": f"The loop of server {n} goes on: request {n + i} is not {what}.",
                }
                for i, (letter, what) in enumerate(
                    zip("ABCD", ("refused", "served", "queued", "forgotten"), strict=True)
                )
            ],
            "key": n % 4,
            "source": "[ASGI](https://asgi.readthedocs.io/)",
            "no_proof": "definition",
        }
        for n in range(count)
    ]
    topic = folder / "sample"
    topic.mkdir(parents=True)
    text = yaml.safe_dump(questions, sort_keys=False, allow_unicode=True)
    (topic / "questions.yml").write_text(text, encoding="utf-8")
    return topic


def run(client: BlockingKernelClient, code: str) -> tuple[float, list[dict[str, Any]]]:
    """Run a cell; return its seconds and every message that it sent to the page."""
    sent: list[dict[str, Any]] = []
    began = time.perf_counter()
    reply = client.execute_interactive(code, output_hook=sent.append, timeout=120)
    taken = time.perf_counter() - began
    assert reply["content"]["status"] == "ok", reply["content"]
    return taken, [message for message in sent if message["header"]["msg_type"] != "status"]


def weight(messages: list[dict[str, Any]]) -> int:
    """Return the bytes of messages: their content, metadata and buffers."""
    texts = (json.dumps([m["content"], m["metadata"]], default=str) for m in messages)
    return sum(map(len, texts)) + sum(len(b) for m in messages for b in m.get("buffers", []))


def engine(messages: list[dict[str, Any]]) -> int:
    """Return the bytes of the front end, which a kernel's quizzes share, among these messages."""
    return weight([message for message in messages if message.get("buffers")])


def stored(messages: list[dict[str, Any]], state: int) -> int:
    """Return the bytes that a saved notebook holds of these outputs."""
    outputs = [m["content"]["data"] for m in messages if m["header"]["msg_type"] == "display_data"]
    if not state:  # a widget view without its state shows nothing, and is not stored
        outputs = [{k: v for k, v in data.items() if "widget" not in k} for data in outputs]
    return len(json.dumps(outputs).encode()) + state


def rows() -> list[Row]:
    """Show each quiz several times, in turn; compare the medians."""
    table: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (10, 50):
            topic_folder(Path(folder, str(count)), count)
        manager, client = start_new_kernel(env=_environment(folder))
        try:
            _, first = run(client, SETUP.format(folder=folder))
            for count in (10, 50):
                say(f"  a quiz of {count} questions, three ways, {TIMES} times")
                table += _compare(client, count, engine(first))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    return table


def _environment(folder: str) -> dict[str, str]:
    return os.environ | {"WORKBOOK_DATABASE_URL": f"sqlite:///{folder}/progress.db"}


def _compare(client: BlockingKernelClient, count: int, front_end: int) -> list[Row]:
    ways = ("ours", "jupyterquiz", "ipywidgets_")
    taken: dict[str, list[float]] = {way: [] for way in ways}
    sent, kept = {}, {}
    for _ in range(TIMES):
        for way in ways:
            spent, messages = run(client, f"{way}('{count}')")
            taken[way].append(spent)
            state = 0
            sent[way] = weight(messages)
            if way == "ipywidgets_":
                _, told = run(client, "print(len(json.dumps(dependency_state([shown]))))")
                state = int(told[-1]["content"]["text"])
            kept[way] = stored(messages, state)
    further, first = sent["ours"], sent["ours"] + front_end
    quick = {way: statistics.median(taken[way]) for way in ways}
    result = []
    for way in ways[1:]:
        name, which = way.strip("_"), f"quiz of {count}"
        result += [
            compare(f"{which}: stored", kept["ours"], name, kept[way], size),
            compare(f"{which}: sent, first on the page", first, name, sent[way], size),
            compare(f"{which}: sent, each further one", further, name, sent[way], size),
            compare(f"{which}: kernel", quick["ours"], name, quick[way]),
        ]
    return result
