"""Promise 2: nbval sees every stored output that is not what the cell gives today."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest

from workbook.authoring import MEASURED, refresh

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*.ipynb")])

SOURCES = [
    "import random\nprint('a line')\nprint(f'took ≈ {random.uniform(1, 99):.2f} s for 8 requests')",
    "{'status': 200}",
    "from IPython.display import HTML\nHTML('<b>form</b>')",
    "print('≈ 1.5 s')",
    "1 / 0",
    "print('first'); print('second')",
]
#: What is wrong in the stored output of each of those cells.
CORRUPTIONS = [
    ("for 8 requests", "for 9 requests"),
    ("200", "201"),
    ("<b>form", "<b>from"),
    ("≈ 1.5 s", "≈ 1.5 ms"),
    ("division by zero", "division by one"),
    ("second", ""),
]


def validate(*paths: Path) -> dict[str, list[int]]:
    """Run nbval as ``run.py test`` does; return the numbers of the cells that fail, by notebook."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--noconftest",
        "--disable-plugin-autoload",
        *("-p", "no:cacheprovider", "-p", "nbval"),
        "-rA",
        "-q",
    ]
    command += ["-c", os.devnull, "--rootdir", str(paths[0].parent), "--nbval"]
    command += ["--nbval-current-env", "--nbval-cell-timeout", "300"]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval_sanitize.cfg")]
    run = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found: dict[str, list[int]] = {path.name: [] for path in paths}
    for outcome, name, cell in re.findall(r"(?m)^(PASSED|FAILED) (\S+)::Cell (\d+)", run.stdout):
        found[Path(name).name] += [int(cell)] if outcome == "FAILED" else []
    assert len(re.findall(r"(?m)^(?:PASSED|FAILED) \S+::Cell", run.stdout)) >= len(paths)
    return found


def stored(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_nbval_passes_what_is_true_and_fails_each_corrupted_output(tmp_path: Path) -> None:
    cells = [v4.new_code_cell(source) for source in SOURCES]
    cells[4].metadata.tags = ["raises-exception"]
    true, corrupted = tmp_path / "true.ipynb", tmp_path / "corrupted.ipynb"
    true.write_text(json.dumps(v4.new_notebook(cells=cells)), encoding="utf-8")
    assert refresh([true], print) == []
    content = stored(true)
    for cell, (old, new) in zip(content["cells"], CORRUPTIONS, strict=True):
        text = json.dumps(cell["outputs"], ensure_ascii=False)
        assert old in text
        cell["outputs"] = json.loads(text.replace(old, new))
    corrupted.write_text(json.dumps(content), encoding="utf-8")
    found = validate(true, corrupted)
    assert found == {"true.ipynb": [], "corrupted.ipynb": [*range(len(SOURCES))]}


@pytest.mark.soak
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nbval_sees_one_corrupted_output_in_a_real_notebook(
    path: Path, tmp_path: Path, soak_row: Callable[[str, str], None]
) -> None:
    content = stored(path)
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    places = [
        (number, output, key)
        for number, cell in enumerate(code)
        if "nbval-ignore-output" not in cell["metadata"].get("tags", [])
        for output in cell["outputs"]
        for key in ("text", "text/plain", "text/html")
        if key in output or key in output.get("data", {})
    ]
    number, output, key = random.Random(path.name).choice(places)
    home = output if key in output else output["data"]
    text = "".join(home[key])
    spots = [
        m.start() for m in re.finditer(r"[a-z]", MEASURED.sub(lambda m: "≈" * len(m[0]), text))
    ]
    spot = random.Random(path.name).choice(spots)
    home[key] = text[:spot] + ("a" if text[spot] != "a" else "b") + text[spot + 1 :]
    copy = tmp_path / path.name
    copy.write_text(json.dumps(content), encoding="utf-8")
    assert validate(copy) == {path.name: [number]}
    soak_row(
        f"nbval sees one changed letter in {path.relative_to(ROOT)}",
        f"1 of {len(places)} outputs corrupted, cell {number} of {len(code)} fails, no other",
    )
