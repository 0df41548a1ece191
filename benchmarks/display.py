"""How long until a reader sees a quiz: JupyterLab in a real browser, from Run to the last option.

The cell's old output is cleared first. The median of some runs, in turn; the very first of each, in
which ours also loads its front end and imports what it needs, is "first on the page".
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from measure import Row, compare, say
from playwright.sync_api import Page, sync_playwright
from quiz import SETUP, topic_folder

from workbook.processes import Running, start

ROOT = Path(__file__).parents[1]
TIMES = 5
OPTIONS = {
    "ours": ".wb-question input[type=radio]",
    "jupyterquiz": ".MCButton, .MCButtonImg",
    "ipywidgets_": ".widget-radio-box input[type=radio]",
}
RUN = """async ([index, selector, count]) => {
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = index;
  await jupyterapp.commands.execute("notebook:clear-cell-output");
  const cell = content.widgets[index].node, began = performance.now();
  jupyterapp.commands.execute("notebook:run-cell");
  while (cell.querySelectorAll(selector).length < count) {
    if (performance.now() - began > 120000) throw new Error(`no ${selector}: ${cell.innerText}`);
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return (performance.now() - began) / 1000;
}"""
SET_UP = """async () => {
  const { content, sessionContext } = jupyterapp.shell.currentWidget;
  await sessionContext.ready;
  content.activeCellIndex = 0;
  await jupyterapp.commands.execute("notebook:run-cell");
  return content.widgets[0].node.innerText;
}"""


@contextmanager
def laboratory(folder: Path) -> Iterator[str]:
    """Run JupyterLab on a folder; yield its address."""
    runtime = folder / ".runtime"

    def told(_: Running) -> bool:
        return any(runtime.glob("jpserver-*.json"))

    flags = ["--no-browser", "--port=0", "--ServerApp.ip=127.0.0.1", "--allow-root"]
    flags += ["--IdentityProvider.token=secret", f"--ServerApp.root_dir={folder}"]
    places = {
        f"JUPYTER_{name}_DIR": str(folder / f".{name.lower()}") for name in ("CONFIG", "DATA")
    }
    config = {
        "JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    log = {"WORKBOOK_DATABASE_URL": f"sqlite:///{folder}/progress.db", "WORKBOOK_RECORD": "1"}
    env = os.environ | places | config | log | {"JUPYTER_RUNTIME_DIR": str(runtime)}
    command = [sys.executable, "-m", "jupyterlab", *flags]
    with start(command, name="JupyterLab", ready=told, seconds=120, env=env):
        yield json.loads(next(runtime.glob("jpserver-*.json")).read_text())["url"]


def write_notebook(folder: Path) -> list[tuple[str, int]]:
    """Write the notebook; return the way and the number of questions of each cell but the first."""
    cells = [(way, count) for count in (10, 50) for way in OPTIONS]
    for count in (10, 50):
        topic_folder(folder / str(count), count)
    setup = SETUP.format(folder=str(folder)).partition("\nfor show in")[0] + "\nprint('ready')"
    codes = [setup, *(f"{way}('{count}')" for way, count in cells)]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, codes)))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "quiz.ipynb")
    return cells


def measured(page: Page, cells: list[tuple[str, int]]) -> dict[tuple[str, int], list[float]]:
    """Show each quiz several times; return the seconds of each."""
    taken: dict[tuple[str, int], list[float]] = {cell: [] for cell in cells}
    for number in range(TIMES + 1):
        say(f"  every quiz once: {number + 1} of {TIMES + 1}")
        for index, (way, count) in enumerate(cells, 1):
            spent = page.evaluate(RUN, [index, OPTIONS[way], 4 * count])
            taken[way, count].append(spent)
    return taken


def rows() -> list[Row]:
    """Drive JupyterLab; compare the medians."""
    sys.path.append(str(ROOT))
    from conftest import find_chromium

    browser = find_chromium()
    assert browser, "this benchmark needs Chromium: sudo apt-get install chromium"
    with tempfile.TemporaryDirectory() as name, laboratory(Path(name)) as url:
        cells = write_notebook(Path(name))
        with (
            sync_playwright() as driver,
            driver.chromium.launch(executable_path=browser) as chromium,
        ):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{url}lab/tree/quiz.ipynb?token=secret")
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
            for _ in range(60):
                if "ready" in page.evaluate(SET_UP).splitlines()[-1]:
                    break
                time.sleep(1)
            taken = measured(page, cells)
    table = []
    for count in (10, 50):
        ours = statistics.median(taken["ours", count][1:])
        for way in list(OPTIONS)[1:]:
            other = statistics.median(taken[way, count][1:])
            table.append(compare(f"quiz of {count}: seen", ours, way.strip("_"), other))
    first = [taken[way, 10][0] for way in OPTIONS]
    for way, other in zip(list(OPTIONS)[1:], first[1:], strict=True):
        table.append(
            compare("quiz of 10: seen, first on the page", first[0], way.strip("_"), other)
        )
    return table
