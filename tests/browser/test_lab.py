"""Questions and exercises in a real JupyterLab: by keyboard, and nothing is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from quiz_driver import CLOSED, RIGHT, WRONG, answer, button, press, question, status, tab_to

from workbook.bank import find_exercise
from workbook.progress import Event, Log

pytestmark = [pytest.mark.needs_chromium, pytest.mark.needs_unix]

ROOT = Path(__file__).parent.parent.parent
ALL = ", ".join(f'"sample/{ref}"' for ref in (*CLOSED, "choose"))
SETUP = f"""
import functools, os, pathlib
from workbook import bank, progress, quiz
here = pathlib.Path({str(Path(__file__).parent)!r})
bank.find_question = functools.partial(bank.find_question, topics=here)
"""
SECONDS = 'quiz("sample/seconds")'
OUTBOX = "() => Object.keys(localStorage).filter((key) => key.includes(':outbox:')).length"
MIRROR = "() => Object.keys(localStorage).filter((key) => key.includes(':event:')).length"


@dataclass
class Lab:
    """One JupyterLab server, and how to work in it."""

    folder: Path
    address: str
    browser: Browser
    server: psutil.Process
    token: str = "secret"
    pages: list[Page] = field(default_factory=list)

    @property
    def database(self) -> Path:
        """The file of the learner's log."""
        return self.folder / "data" / "progress.db"

    def events(self) -> list[Event]:
        """Return what is recorded."""
        return Log(f"sqlite:///{self.database}").events()

    def open(self, name: str, *cells: str, **options: Any) -> Page:
        """Open a new notebook with these cells, in a browser that knows nothing yet."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.folder / "notebooks" / f"{name}.ipynb")
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        page = context.new_page()
        self.pages.append(page)
        self.visit(page, name)
        return page

    def visit(self, page: Page, name: str) -> None:
        """Go to a notebook and wait until its kernel is there."""
        page.goto(f"{self.address}/lab/tree/{name}.ipynb?token={self.token}&reset")
        page.locator(".jp-Notebook").wait_for(timeout=120_000)
        self.ready(page)

    def ready(self, page: Page) -> None:
        """Wait until the kernel is idle."""
        idle = """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session
          ?.kernel?.status === 'idle'"""
        page.wait_for_function(idle, timeout=120_000)

    def do(self, page: Page, command: str) -> None:
        """Carry out one of JupyterLab's own commands."""
        page.evaluate("(command) => void window.jupyterapp.commands.execute(command)", command)

    def run_all(self, page: Page) -> None:
        """Run all cells, and wait for the questions to come to life."""
        self.do(page, "notebook:run-all-cells")
        expect(page.locator(".wb-live").first).to_be_visible(timeout=120_000)

    def cells(self, page: Page) -> Any:
        """Return what a shortcut could change: cells, their text, what is selected, the mode."""
        return page.evaluate(
            """() => { const { content } = window.jupyterapp.shell.currentWidget;
              const told = ({ type, sharedModel, executionCount }) =>
                [type, sharedModel.source, executionCount];
              return { cells: content.widgets.map(({ model }) => told(model)),
                active: content.activeCellIndex, mode: content.mode }; }"""
        )

    def kernels(self) -> list[psutil.Process]:
        """Return the processes of the kernels that run."""
        found = [p for p in self.server.children() if p.status() != psutil.STATUS_ZOMBIE]
        return [process for process in found if "ipykernel_launcher" in process.cmdline()]

    def kernel(self) -> psutil.Process:
        """Return the process of the only kernel."""
        [kernel] = self.kernels()
        return kernel

    def kill(self, page: Page) -> None:
        """Kill the kernel, and wait until Jupyter has started another."""
        old = self.kernel()
        old.kill()
        self.settle(lambda: [p for p in self.kernels() if p.pid != old.pid])
        page.get_by_role("dialog").get_by_role("button", name="Ok").click(timeout=60_000)
        self.ready(page)

    def settle(self, condition: Callable[[], Any], seconds: float = 90) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not come to that"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, psutil.Process]]:
    """Start one JupyterLab as `run.py lab` configures it, with folders of its own."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "data"):
        (folder / name).mkdir()
    private = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    environment = os.environ | private
    environment |= {"JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter"), "WORKBOOK_RECORD": "1"}
    environment["WORKBOOK_DATABASE_URL"] = f"sqlite:///{folder / 'data' / 'progress.db'}"
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.root_dir": str(folder / "notebooks"),
        "ServerApp.allow_root": "True",
        "IdentityProvider.token": Lab.token,
        "LabApp.expose_app_in_browser": "True",
        "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser"]
        + [f"--{name}={value}" for name, value in options.items()],
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        address = ""
        for _ in range(600):
            for file in Path(private["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"):
                address = f"http://127.0.0.1:{json.loads(file.read_text())['port']}"
            if address or process.poll() is not None:
                break
            time.sleep(0.2)
        assert address, (folder / "log").read_text()
        yield folder, address, psutil.Process(process.pid)
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(60)
        for child in psutil.wait_procs(family, 10)[1]:
            child.kill()


@pytest.fixture
def lab(server: tuple[Path, str, psutil.Process], browser: Browser) -> Iterator[Lab]:
    """Give a JupyterLab without kernels and with an empty log."""
    folder, address, process = server
    lab = Lab(folder, address, browser, process)
    for file in lab.database.parent.iterdir():
        file.unlink()
    yield lab
    for page in lab.pages:
        page.context.close()
    from urllib.request import Request, urlopen

    def ask(path: str, method: str = "GET") -> Any:
        headers = {"Authorization": f"token {lab.token}"}
        with urlopen(Request(f"{address}/api/{path}", headers=headers, method=method)) as reply:
            return json.loads(reply.read() or "null")

    for kernel in ask("kernels"):
        ask(f"kernels/{kernel['id']}", "DELETE")


def test_each_kind_is_answered_by_keyboard_and_recorded(lab: Lab) -> None:
    page = lab.open("keyboard", SETUP, f"quiz({ALL})")
    lab.run_all(page)
    before = lab.cells(page)
    for ref in CLOSED:
        field = answer(page, ref, RIGHT)
        expect(status(field)).to_contain_text("✓ Right.")
    answer(page, "choose", RIGHT)
    assert lab.cells(page) == before
    lab.settle(lambda: len(lab.events()) == 8)
    assert {event.subject for event in lab.events() if event.data["correct"]} == {
        f"sample/{ref}" for ref in CLOSED
    }
    assert page.evaluate(OUTBOX) == 0


def test_no_key_pressed_in_a_question_reaches_the_notebook(lab: Lab) -> None:
    page = lab.open("shortcuts", SETUP, f"quiz({ALL})", "x = 1", "y = 2")
    lab.run_all(page)
    before = lab.cells(page) | {"active": 1}
    stops = [
        question(page, "blocking").get_by_role("radio").first,
        question(page, "hashable").get_by_role("checkbox").first,
        question(page, "lifecycle").get_by_role("button").first,
        question(page, "servers").get_by_role("combobox").first,
        question(page, "faulty").get_by_role("checkbox").first,
        button(question(page, "faulty"), "Check"),
        question(page, "choose").get_by_role("textbox"),
        page.get_by_role("button", name="Retry all in a new order"),
        page.locator("details.wb-data > summary"),
    ]
    keys = (
        "d d x c v z a b m y r 1 0 0 i i Delete ArrowUp ArrowDown Shift+ArrowDown Shift+M j k"
        " Control+Shift+- Shift+l Shift+Enter Control+Enter Alt+Enter"
    )
    for stop in stops:
        tab_to(page, stop)
        for key in keys.split():
            if key == "Tab" or (stop is stops[-1] and "Enter" in key):
                continue
            page.keyboard.press(key)
        assert lab.cells(page) == before, stop
    expect(page.locator(".wb-question")).to_have_count(8)


def test_the_mouse_works_too_and_leaves_the_cell_alone(lab: Lab) -> None:
    page = lab.open("mouse", SETUP, SECONDS + "\nquiz('sample/blocking')")
    lab.run_all(page)
    field = question(page, "blocking")
    field.get_by_text("They wait until").click()
    button(field, "Check").click()
    expect(status(field)).to_contain_text("✓ Right.")
    text = question(page, "seconds").get_by_role("textbox")
    text.click()
    page.keyboard.type("4d d")
    expect(text).to_have_value("4d d")
    assert len(lab.cells(page)["cells"]) == 2


def test_after_a_restart_the_last_answers_are_shown(lab: Lab) -> None:
    page = lab.open("restart", SETUP, f"quiz({ALL})")
    lab.run_all(page)
    answer(page, "seconds", WRONG)
    answer(page, "merged", RIGHT)
    lab.settle(lambda: len(lab.events()) == 2)
    lab.kill(page)
    lab.run_all(page)
    field = question(page, "seconds")
    expect(status(field)).to_contain_text("✗ Not right.", timeout=60_000)
    expect(status(field)).to_contain_text("That is one thread.")
    expect(field.get_by_role("textbox")).to_have_value("8")
    expect(status(question(page, "merged"))).to_contain_text("✓ Right.")
    press(page, field, "Retry")
    answer(page, "seconds", RIGHT)
    lab.settle(lambda: len(lab.events()) == 3)
    assert lab.events()[-1].data["attempt"] == 2


def test_an_answer_given_to_a_dying_kernel_is_recorded_by_the_next(lab: Lab) -> None:
    page = lab.open("killed", SETUP, SECONDS, "quiz('sample/merged')")
    lab.run_all(page)
    expect(question(page, "merged").get_by_role("textbox")).to_be_visible(timeout=60_000)
    kernel = lab.kernel()
    kernel.send_signal(signal.SIGSTOP)  # hangs: takes messages, answers none
    field = answer(page, "seconds", RIGHT)
    expect(status(field)).to_contain_text("✓ Right.")
    assert page.evaluate(OUTBOX) == 1
    expect(page.get_by_text("1 answer not recorded yet, and kept in this browser")).to_be_visible()
    lab.kill(page)
    assert lab.events() == []
    answer(page, "merged", WRONG)  # into a dead widget: its kernel is gone
    page.reload()  # and the page goes too
    page.locator(".jp-Notebook").wait_for(timeout=120_000)
    lab.ready(page)
    assert page.evaluate(OUTBOX) == 2
    lab.run_all(page)
    lab.settle(lambda: page.evaluate(OUTBOX) == 0)
    assert sorted(event.subject for event in lab.events()) == ["sample/merged", "sample/seconds"]
    expect(status(question(page, "seconds"))).to_contain_text("✓ Right.")
    expect(page.get_by_text("not recorded yet")).to_have_count(0)


def test_an_answer_given_while_the_kernel_is_busy_is_recorded_once(lab: Lab) -> None:
    page = lab.open("busy", SETUP, SECONDS, "import time; time.sleep(8)")
    lab.run_all(page)
    answer(page, "seconds", RIGHT)
    lab.settle(lambda: page.evaluate(OUTBOX) == 0)
    assert [event.subject for event in lab.events()] == ["sample/seconds"]


def test_two_notebooks_and_two_pages_share_one_log(lab: Lab) -> None:
    one = lab.open("one", SETUP, SECONDS)
    other = lab.open("other", SETUP, SECONDS)
    lab.run_all(one)
    answer(one, "seconds", WRONG)
    lab.settle(lambda: len(lab.events()) == 1)
    lab.run_all(other)
    expect(status(question(other, "seconds"))).to_contain_text("✗ Not right.")
    press(other, question(other, "seconds"), "Retry")
    answer(other, "seconds", RIGHT)
    lab.settle(lambda: len(lab.events()) == 2)
    lab.run_all(one)
    expect(status(question(one, "seconds"))).to_contain_text("✓ Right.", timeout=60_000)


def test_a_log_that_cannot_be_written_says_so_and_nothing_is_lost(lab: Lab) -> None:
    broken = lab.database.with_name("broken.db")
    broken.write_text("this is no database " * 100)
    page = lab.open(
        "broken",
        f"{SETUP}\nos.environ['WORKBOOK_DATABASE_URL'] = 'sqlite:///{broken}'",
        SECONDS,
        f"os.environ['WORKBOOK_DATABASE_URL'] = 'sqlite:///{lab.database}'\n"
        "progress.default_log.cache_clear()",
    )
    page.locator(".jp-Cell").nth(0).click()
    lab.do(page, "notebook:run-cell-and-select-next")
    lab.do(page, "notebook:run-cell-and-select-next")
    expect(page.locator(".wb-live")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("is damaged")).to_be_visible()
    field = answer(page, "seconds", RIGHT)
    expect(status(field)).to_contain_text("✓ Right.")
    expect(page.get_by_text("1 answer not recorded yet")).to_be_visible()
    assert page.evaluate(OUTBOX) == 1
    page.locator(".jp-Cell").nth(2).locator(".cm-content").click()
    lab.do(page, "notebook:run-cell")
    lab.settle(lambda: page.evaluate(OUTBOX) == 0)
    assert [event.subject for event in lab.events()] == ["sample/seconds"]
    expect(page.get_by_text("not recorded yet")).to_have_count(0)


def test_a_proof_runs_beside_the_kernel(lab: Lab) -> None:
    page = lab.open("proof", SETUP, "quiz('sample/blocking')")
    lab.run_all(page)
    field = answer(page, "blocking", WRONG)
    summary = field.locator("summary", has_text="Show me")
    tab_to(page, summary)
    page.keyboard.press("Enter")
    press(page, field, "Run it")
    expect(field.get_by_text("Running beside your kernel")).to_be_visible()
    expect(field.locator(".wb-result")).to_contain_text("It observed", timeout=60_000)
    expect(field.locator(".wb-result pre").first).to_have_text("'wait'")
    expect(status(field)).to_contain_text("It observed 'wait'")
    expect(button(field, "Run it")).to_be_focused()


def test_answers_are_saved_loaded_and_deleted_through_the_log(lab: Lab, tmp_path: Path) -> None:
    page = lab.open("file", SETUP, SECONDS)
    lab.run_all(page)
    answer(page, "seconds", RIGHT)
    lab.settle(lambda: len(lab.events()) == 1)
    before = lab.events()
    data = page.locator("details.wb-data")
    data.locator("summary").click()
    with page.expect_download() as waiting:
        data.get_by_role("button", name="Save to a file").click()
    file = tmp_path / "answers.json"
    waiting.value.save_as(file)
    data.get_by_role("button", name="Delete my answers").click()
    expect(data).to_contain_text("exercise runs")
    data.get_by_role("button", name="Delete", exact=True).click()
    expect(data).to_contain_text("Deleted.")
    assert lab.events() == []
    expect(status(question(page, "seconds"))).to_have_text("")
    for told in ("Loaded: 1 new, 0 known already.", "Loaded: 0 new, 1 known already."):
        data.locator("input[type=file]").set_input_files(file)
        expect(data).to_contain_text(told)
    assert lab.events() == before
    expect(status(question(page, "seconds"))).to_contain_text("✓ Right.")
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    data.locator("input[type=file]").set_input_files(bad)
    expect(data).to_contain_text(re.compile("bad|progress.json|format"))
    assert lab.events() == before


def test_a_temporary_session_is_mirrored_and_can_be_restored(lab: Lab) -> None:
    temporary = f"{SETUP}\nos.environ['WORKBOOK_TEMPORARY'] = '1'"
    page = lab.open("binder", temporary, SECONDS)
    lab.run_all(page)
    expect(page.get_by_text("This session is temporary")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Restore"))).to_have_count(0)
    answer(page, "seconds", RIGHT)
    lab.settle(lambda: page.evaluate(OUTBOX) == 0)
    assert page.evaluate(MIRROR) == 1
    before = lab.events()

    lab.kill(page)  # the session ends, and its disk with it
    for file in lab.database.parent.iterdir():
        file.unlink()
    page.reload()
    page.locator(".jp-Notebook").wait_for(timeout=120_000)
    lab.ready(page)
    lab.run_all(page)
    page.get_by_role("button", name="Restore 1 earlier answer").click()
    expect(page.get_by_text("Restored.")).to_be_visible(timeout=60_000)
    expect(status(question(page, "seconds"))).to_contain_text("✓ Right.")
    assert lab.events() == before


def test_a_session_that_records_nothing_says_so_and_keeps_nothing(lab: Lab) -> None:
    page = lab.open("quiet", f"{SETUP}\nprogress.record_nothing()", SECONDS)
    lab.run_all(page)
    expect(page.get_by_text("This session records no answers.")).to_be_visible()
    field = answer(page, "seconds", RIGHT)
    expect(status(field)).to_contain_text("✓ Right.")
    assert page.evaluate(OUTBOX) == 0
    assert lab.events() == []


def test_stored_questions_are_readable_without_a_kernel(lab: Lab) -> None:
    page = lab.open("stored", SETUP, f"quiz({ALL})")
    lab.run_all(page)
    lab.do(page, "docmanager:save")
    path = lab.folder / "notebooks" / "stored.ipynb"
    lab.settle(lambda: "wb-quiz" in path.read_text("utf-8"))
    stored = nbformat.read(path, as_version=4)
    [output] = stored.cells[1].outputs
    assert list(output.data) == ["text/html"]
    assert "widgets" not in stored.metadata
    page.context.close()
    lab.pages.remove(page)

    nbformat.write(stored, lab.folder / "notebooks" / "again.ipynb")
    context = lab.browser.new_context()
    page = context.new_page()
    lab.pages.append(page)
    lab.visit(page, "again")
    expect(page.get_by_text("Run this cell to answer.")).to_be_visible()
    field = question(page, "blocking") if page.locator("[data-ref]").count() else page
    expect(field.get_by_text("They wait until the call returns.").first).to_be_visible()
    for words in ("model not found", "Error displaying widget", "Loading widget"):
        expect(page.get_by_text(words)).to_have_count(0)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_accessible_in_both_themes(lab: Lab, theme: str) -> None:
    page = lab.open("themes", SETUP, f"quiz({ALL})")
    page.evaluate(
        "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    lab.run_all(page)
    for ref in CLOSED:
        answer(page, ref, WRONG)
    answer(page, "choose", RIGHT)
    found = Axe().run(page, context=".wb-quiz")
    assert found.violations_count == 0, found.generate_report()


# ---------------------------------------------------------------- exercises

EXERCISE = find_exercise("wsgi_app_by_hand")[1]
MAGIC = f"%%exercise {EXERCISE.name}\n"


def test_starter_and_earlier_runs_come_back_in_new_cells_by_keyboard(lab: Lab) -> None:
    mine = f"{MAGIC}mine = 1\n"
    page = lab.open("buttons", "%load_ext workbook", mine, "x = 1")
    lab.do(page, "notebook:run-all-cells")
    again = page.get_by_role("button", name="Starter in a new cell")
    expect(again).to_be_visible(timeout=120_000)
    expect(page.get_by_text(" checks passed.")).to_be_visible()

    tab_to(page, again)
    page.keyboard.press("Enter")
    sources = [mine, MAGIC + EXERCISE.starter, "x = 1"]
    lab.settle(lambda: [cell[1] for cell in lab.cells(page)["cells"]][1:] == sources)

    lab.do(page, "notebook:run-cell")  # the new cell is the active one
    expect(again).to_have_count(2, timeout=120_000)
    lab.settle(lambda: [event.subject for event in lab.events()] == [EXERCISE.name] * 2)
    runs = page.get_by_label("Earlier run")
    expect(runs.last.get_by_role("option")).to_have_count(2)
    tab_to(page, runs.last)
    page.keyboard.press("ArrowUp")
    for key in ("d", "d", "x", "a", "b"):  # which would cut, delete or insert cells
        page.keyboard.press(key)
    tab_to(page, page.get_by_role("button", name="Put into a new cell").last)
    page.keyboard.press("Enter")
    sources.insert(2, mine)
    lab.settle(lambda: [cell[1] for cell in lab.cells(page)["cells"]][1:] == sources)


def test_a_running_exercise_says_so_and_the_stop_button_ends_it(lab: Lab) -> None:
    page = lab.open("endless", "%load_ext workbook", f"{MAGIC}while True:\n    pass\n")
    lab.do(page, "notebook:run-all-cells")
    expect(page.get_by_text(re.compile(r"Running, \d+ s\."))).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Interrupt the kernel").click()
    expect(page.get_by_role("button", name="Starter in a new cell")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("KeyboardInterrupt").first).to_be_visible()
    assert lab.events() == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_result_of_an_exercise_is_accessible_in_both_themes(lab: Lab, theme: str) -> None:
    page = lab.open("verdict", "%load_ext workbook", MAGIC + EXERCISE.starter)
    page.evaluate(
        "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    lab.do(page, "notebook:run-all-cells")
    expect(page.get_by_text(" checks passed.")).to_be_visible(timeout=120_000)
    found = Axe().run(page, context=".jp-OutputArea:has(button)")
    assert found.violations_count == 0, found.generate_report()
