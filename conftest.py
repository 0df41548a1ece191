"""What every test and every notebook run has in common.

A private log, the marks, the soak's table, and an honest list of what was left out: a test that
needs something which pip cannot install carries a ``needs_*`` mark (a notebook's cell, the tag
``needs-*``; on the first cell the tag counts for the whole notebook). Where the thing is missing,
the test is left out and the last lines say so, with the command that installs it. Under
``WORKBOOK_REQUIRE_ALL=1``, as on CI, leaving a test out is a failure.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from workbook.processes import find_program

ROOT = Path(__file__).parent

collect_ignore_glob = ["tests/*.ipynb", "tests/**/*.ipynb"]  # samples, for tests to open themselves

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what runs behind it
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests interrupt what they start

hypothesis.settings.register_profile("workbook", deadline=None)
hypothesis.settings.load_profile("workbook")


# ---------------------------------------------------------------- what only the system provides


@cache
def find_chromium() -> str | None:
    """Return the path of a Chromium (or Chrome, or Edge) that Playwright can drive, or None."""
    names = (
        "chromium-headless-shell",  # the same engine without a window: half of the work
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "msedge",
    )
    places = (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    )
    found = (shutil.which(name) for name in names)
    return next((path for path in (*found, *places) if path and Path(path).exists()), None)


@dataclass(frozen=True)
class Need:
    """Something that a test may need and pip cannot install."""

    what: str
    present: Callable[[], object]
    debian: str
    macos: str
    windows: str

    @property
    def remedy(self) -> str:
        """The command, on this operating system, that installs it."""
        return {"darwin": self.macos, "win32": self.windows}.get(sys.platform, self.debian)


NEEDS = {
    "needs_chromium": Need(
        "a Chromium browser",
        find_chromium,
        "sudo apt-get install chromium",
        "brew install --cask chromium",
        "winget install Google.Chrome",
    ),
    "needs_pgbouncer": Need(
        "PgBouncer",
        lambda: find_program("pgbouncer"),
        "sudo apt-get install pgbouncer",
        "brew install pgbouncer",
        "sudo apt-get install pgbouncer (inside WSL 2)",
    ),
    "needs_unix": Need(
        "Linux or macOS",
        lambda: sys.platform != "win32",
        "",
        "",
        "wsl --install (then work inside WSL 2), or use Binder",
    ),
    "needs_git": Need(
        "git",
        lambda: shutil.which("git"),
        "sudo apt-get install git",
        "xcode-select --install",
        "winget install Git.Git",
    ),
    "needs_rabbitmq": Need(
        "RabbitMQ",
        lambda: find_program("rabbitmq-server"),
        "sudo apt-get install rabbitmq-server",
        "brew install rabbitmq",
        "sudo apt-get install rabbitmq-server (inside WSL 2)",
    ),
}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser to drive; use it together with ``needs_chromium``."""
    path = find_chromium()
    assert path, "a test that uses the fixture `chromium` must be marked needs_chromium"
    return path


def _needs(item: pytest.Item) -> set[str]:
    """Names of what a test, or a notebook's cell, needs."""
    names = {mark.name for mark in item.iter_markers() if mark.name in NEEDS}
    if hasattr(item, "cell"):  # nbval's item
        first = item.parent.nb.cells[0]
        tags = [*first.metadata.get("tags", []), *item.cell.metadata.get("tags", [])]
        names |= {name for tag in tags if (name := tag.replace("-", "_")) in NEEDS}
    return names


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose needs are missing, or fail it where everything is required."""
    missing = sorted(name for name in _needs(item) if not NEEDS[name].present())
    if not missing:
        return
    item.user_properties.append(("left out", missing))
    told = "; ".join(f"needs {NEEDS[name].what}: {NEEDS[name].remedy}" for name in missing)
    if os.environ.get("WORKBOOK_REQUIRE_ALL") == "1":
        pytest.fail(f"{told} (WORKBOOK_REQUIRE_ALL=1)", pytrace=False)
    pytest.skip(told)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left out, with the command that installs it; write the soak's table."""
    told = (report for reports in terminalreporter.stats.values() for report in reports)
    reports = [report for report in told if isinstance(report, pytest.TestReport)]
    left_out: dict[str, int] = {}
    for report in reports:
        for name in dict(report.user_properties).get("left out", []):
            left_out[name] = left_out.get(name, 0) + (report.when == "setup")
    if left_out:
        terminalreporter.section("left out on this machine")
        for name, count in sorted(left_out.items()):
            need = NEEDS[name]
            terminalreporter.line(f"{count} tests need {need.what}:  {need.remedy}")
    if table := terminalreporter.config.getoption("--soak-table"):
        _write_soak_table(Path(table), reports)


# ---------------------------------------------------------------- marks, log and options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--soak-table``."""
    parser.addoption("--soak-table", metavar="FILE", help="write the soak's dated table to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks; keep every test and every nbval kernel away from the user's own log."""
    config.addinivalue_line("markers", "soak: repetition, kills and full mutation (run.py soak)")
    for name, need in NEEDS.items():
        config.addinivalue_line("markers", f"{name}: left out where there is no {need.what}")
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit the environment
        folder = tempfile.mkdtemp(prefix="workbook-tests-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        database = Path(folder, "progress.db").as_posix()
        os.environ["WORKBOOK_DATABASE_URL"] = f"sqlite:///{database}"
        os.environ["WORKBOOK_RECORD"] = "0"
        os.environ.pop("WORKBOOK_TEMPORARY", None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Give each worker whole modules, as ``--dist loadscope`` does, but split ``tests/topics``.

    There a module's tests are split by the topic that begins their id: ``test_x[topic/question]``.
    """

    class ByTopic(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = super()._split_scope(nodeid)
            topic = re.search(r"\[(\w+)", nodeid) if "tests/topics/" in module else None
            return f"{module} {topic[1]}" if topic else module

    config.option.loadscopereorder = False  # as given: what drives a browser is long, and first
    return ByTopic(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run ``@pytest.mark.anyio`` tests on asyncio only."""
    return "asyncio"


# ---------------------------------------------------------------- the soak


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a soak test two hours; the others have the limit of pyproject.toml."""
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(7200))


@pytest.fixture
def soak_row(request: pytest.FixtureRequest) -> Iterator[Callable[[str, str], None]]:
    """Return ``soak_row(claim, result)``, which puts one row into ``benchmarks/soak.md``."""
    rows: list[tuple[str, str]] = []

    def record(claim: str, result: str) -> None:
        rows.append((claim, result))
        request.node.user_properties.append(("soak", (claim, result)))

    yield record
    assert rows, "a soak test must record at least one row with soak_row(claim, result)"


HEAD = "| test | claim | result | outcome | date |\n| --- | --- | --- | --- | --- |\n"


def _write_soak_table(table: Path, reports: list[pytest.TestReport]) -> None:
    """Rewrite the rows of the tests that ran; keep those of other tests that still exist."""
    ran, rows = set(), []
    for report in reports:
        if report.when != "call":
            continue
        ran.add(report.nodeid)
        told = [value for key, value in report.user_properties if key == "soak"]
        for claim, result in told or [("(recorded nothing)", "-")]:
            cells = [f"`{report.nodeid}`", claim, result, report.outcome, f"{datetime.now(UTC):%F}"]
            rows.append("| " + " | ".join(c.replace("|", r"\|") for c in cells) + " |")
    if not ran:
        return
    old = table.read_text(encoding="utf-8").splitlines() if table.exists() else []
    for line in old:
        nodeid = line.removeprefix("| `").split("`")[0]
        if line.startswith("| `") and nodeid not in ran and (ROOT / nodeid.split("::")[0]).exists():
            rows.append(line)
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    table.write_text(
        "# Soak\n\nWritten by `python3 run.py soak`: repetitions, kills and full mutation.\n"
        f"Last run on {machine}, {os.cpu_count()} cores.\n\n"
        + HEAD
        + "\n".join(sorted(rows))
        + "\n",
        encoding="utf-8",
    )
