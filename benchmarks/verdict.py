"""How long a learner waits for the verdict on a small exercise."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import Row, alternate, compare, python

from workbook.sandbox import run_checks

SOLUTION = "def square(number):\n    return number * number\n"
CHECKS = """
def squares(call):
    call("square", 3).gives(9)
    call("square", "x").raises(TypeError)
"""
PLAIN = "from solution import square\n\ndef test_square():\n    assert square(3) == 9\n"


def rows() -> list[Row]:
    """Compare with starting an interpreter, and with a bare pytest on the same function."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "checks.py").write_text(CHECKS)
        (folder / "solution.py").write_text(SOLUTION)
        (folder / "test_plain.py").write_text(PLAIN)

        def verdict() -> None:
            assert run_checks(SOLUTION, folder / "checks.py", ["squares"]).passed

        def plain() -> None:
            test = str(folder / "test_plain.py")
            python(
                "-m", "pytest", "-q", "--rootdir", name, test, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
            )

        ours, bare, pytest = alternate([verdict, lambda: python("-I", "-c", "pass"), plain], 9)
    return [
        compare("verdict of a small exercise", ours, "bare interpreter", bare),
        compare("verdict of a small exercise", ours, "bare `pytest`", pytest),
    ]
