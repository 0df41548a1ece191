"""What is left out is named with its remedy; the log is private; the soak has a table."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLE = """
import os
import pytest

@pytest.mark.needs_chromium
@pytest.mark.parametrize("n", range(3))
def test_browser(n):
    pass

def test_private_log():
    assert os.environ["WORKBOOK_RECORD"] == "0"
    assert "workbook-tests-" in os.environ["WORKBOOK_DATABASE_URL"]
    assert "WORKBOOK_TEMPORARY" not in os.environ

@pytest.mark.soak
def test_kills(soak_row):
    soak_row("20 kills | of a kernel", "0 lost")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with our conftest, in which no browser is ever found."""
    text = (ROOT / "conftest.py").read_text(encoding="utf-8")
    pattern = r'(def find_chromium\(\) -> str \| None:\n    """.*?"""\n)'
    text, count = re.subn(pattern, r"\1    return None\n", text)
    assert count == 1
    (tmp_path / "conftest.py").write_text(text, encoding="utf-8")
    (tmp_path / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    return tmp_path


def run(project: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("WORKBOOK_", "PYTEST_"))}
    mine |= {"WORKBOOK_TEMPORARY": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **env}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "timeout", "-p", "xdist", *words]
    return subprocess.run(command, cwd=project, env=mine, capture_output=True, text=True)


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["alone", "with workers"])
def test_what_is_left_out_is_named_with_its_remedy(project: Path, words: list[str]) -> None:
    done = run(project, *words)
    assert done.returncode == 0, done.stdout
    last = [line for line in done.stdout.splitlines() if line][-3:]
    assert re.match(r"=+ left out on this machine =+", last[0])
    assert re.fullmatch(r"3 tests need a Chromium browser:  .*\bchrom.*", last[1], re.I)
    assert "2 passed, 3 skipped" in last[2]


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["alone", "with workers"])
def test_where_everything_is_required_leaving_out_fails(project: Path, words: list[str]) -> None:
    done = run(project, *words, WORKBOOK_REQUIRE_ALL="1")
    assert done.returncode == 1
    assert "2 passed, 3 errors" in done.stdout
    assert "needs a Chromium browser" in done.stdout


def cell(number: int, source: str, *tags: str) -> dict[str, object]:
    """A code cell of a notebook."""
    return {
        **{"cell_type": "code", "id": f"c{number}", "metadata": {"tags": tags}, "source": source},
        **{"execution_count": number, "outputs": []},
    }


@pytest.mark.parametrize(
    ("first", "passed", "skipped"), [((), 2, 1), (("needs-chromium",), 0, 3)], ids=["cell", "whole"]
)
def test_a_notebooks_tags_count_too(
    project: Path, first: tuple[str, ...], passed: int, skipped: int
) -> None:
    cells = [cell(1, "y = 1", *first), cell(2, "1 / 0", "needs-chromium"), cell(3, "x = 1")]
    nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (project / "a.ipynb").write_text(json.dumps(nb), encoding="utf-8")
    done = run(project, "-p", "nbval", "--nbval", "--nbval-current-env", "a.ipynb")
    assert done.returncode == 0
    assert f"{skipped} skipped" in done.stdout
    assert (f"{passed} passed" in done.stdout) == bool(passed)


def test_the_soak_writes_a_dated_table_and_keeps_rows_of_other_tests(project: Path) -> None:
    table = project / "soak.md"
    shutil.copy(project / "test_sample.py", project / "test_other.py")
    assert run(project, "-m", "soak", "--soak-table", "soak.md").returncode == 0
    assert run(project, "-m", "soak", "test_sample.py", "--soak-table", "soak.md").returncode == 0
    rows = [line for line in table.read_text(encoding="utf-8").splitlines() if "::" in line]
    assert [re.findall(r"`(.*?)`", row)[0] for row in rows] == [
        "test_other.py::test_kills",
        "test_sample.py::test_kills",
    ]
    assert all(r"20 kills \| of a kernel | 0 lost | passed | 20" in row for row in rows)
    (project / "test_other.py").unlink()
    run(project, "-m", "soak", "--soak-table", "soak.md")
    assert "test_other" not in table.read_text(encoding="utf-8")


def test_a_soak_test_must_record_its_result(project: Path) -> None:
    (project / "test_mute.py").write_text("def test_mute(soak_row):\n    pass\n")
    assert "must record at least one row" in run(project, "test_mute.py").stdout
