"""The whole test suite, against the notebooks' own run time divided by the cores.

Tests that drive a browser are no part of the comparison: their share of the suite is taken off.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
from measure import Row, compare, say, seconds, timed
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
CORES = os.cpu_count() or 1
WORKERS = min(8, 2 * CORES)  # as `run.py test`


def notebook(path: Path) -> float:
    """Return how long a notebook runs."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "WORKBOOK_RECORD": "0",
            "WORKBOOK_DATABASE_URL": f"sqlite:///{folder}/log.db",
        }
        book = nbformat.read(path, as_version=4)
        metadata = {"metadata": {"path": str(path.parent)}}
        client = NotebookClient(book, timeout=300, allow_errors=True, resources=metadata)
        return timed(client.execute)


def rows() -> list[Row]:
    """Run each notebook, then the suite."""
    alone = 0.0
    for folder in ("notebooks", "solutions"):
        for path in sorted((ROOT / folder).glob("[0-9]*.ipynb")):
            alone += notebook(path)
            say(f"  {path.relative_to(ROOT)}: {seconds(alone)} so far")
    with tempfile.TemporaryDirectory() as name:
        report = Path(name, "report.xml")
        say("  the whole suite: some minutes")
        command = [sys.executable, "run.py", "test", "-q", f"--junitxml={report}"]
        whole = timed(lambda: subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=True))
        cases = ElementTree.parse(report).iter("testcase")
        browser = sum(float(c.get("time", 0)) for c in cases if "browser" in c.get("classname", ""))
    share, fair = alone / CORES, whole - browser / WORKERS
    return [
        compare("test suite", whole, f"notebooks on {CORES} cores", share),
        compare("test suite without the browser", fair, "the same", share),
    ]
