"""Run the benchmarks and write their table: ``python3 run.py bench [NAME...]``.

Each compares two things in one run on one machine, so that the ratio means something where the
seconds do not. Rows of benchmarks that are not run stay as they are.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from measure import Row, say

HERE = Path(__file__).parent
NAMES = ("quiz", "display", "imports", "verdict", "log", "bank", "suite")
MARK = "<!-- written by run.py bench: -->\n"
HEAD = """| benchmark | what | workbook | compared with | ratio | date |
| --- | --- | ---: | ---: | ---: | --- |
"""


def cells(name: str, row: Row) -> str:
    """Write a row of the table."""
    today = f"{datetime.now(UTC):%F}"
    return f"| {name} | {row.what} | {row.ours} | {row.other} | {row.ratio:.2g} | {today} |\n"


def main(names: list[str]) -> None:
    """Run benchmarks by name, all by default."""
    if wrong := set(names) - set(NAMES):
        raise SystemExit(f"no benchmark {', '.join(wrong)}; there are: {', '.join(NAMES)}")
    readme = HERE / "README.md"
    text, _, old = readme.read_text(encoding="utf-8").partition(MARK)
    table = {
        n: [line for line in old.splitlines(True) if line.startswith(f"| {n} |")] for n in NAMES
    }
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    for name in names or NAMES:
        say(name)
        table[name] = [cells(name, row) for row in import_module(name).rows()]
        body = HEAD + "".join(line for lines in table.values() for line in lines)
        last = f"\nLast run on {machine}, {os.cpu_count()} cores.\n"
        readme.write_text(text + MARK + body + last, encoding="utf-8")
        say("".join(table[name]))


if __name__ == "__main__":
    main(sys.argv[1:])
