"""The package as a whole: its floors and size, and the wheel that is built of it."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "workbook"
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))
GROUND = {"bank", "progress", "sandbox", "processes", "reading"}
OWN = {"bank": {"reading"}}  # the part of bank that reads YAML, in a file of its own
FIRST = {
    "quiz",
    "exercises",
    "systems",
    "databases",
    "brokers",
    "load",
    "scratch",
    "book",
    "chooser",
    "authoring",
}


def imports(path: Path) -> set[str]:
    """Names of the package's modules that a file imports, anywhere in it; `""` is the package."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = node.module or ""
            names = [f"workbook.{base}" if base else _member(alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            whole = node.module == "workbook"
            names = [_member(a.name) if whole else str(node.module) for a in node.names]
        else:
            continue
        ours = [name.split(".") for name in names if name.split(".")[0] == "workbook"]
        found |= {name[1] if len(name) > 1 else "" for name in ours}
    return found


def _member(name: str) -> str:
    """What ``from workbook import name`` loads: a module, or the package for its attribute."""
    return f"workbook.{name}" if name in MODULES else "workbook"


GRAPH = {name: imports(PACKAGE / f"{name}.py") for name in MODULES}


def test_the_reader_of_imports_sees_every_form(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(
        "from . import bank\nfrom .quiz import quiz\nimport workbook.load\n"
        "from workbook import progress\ndef f():\n    from .systems import serve\nimport os\n"
    )
    assert imports(file) == {"bank", "quiz", "load", "progress", "systems"}
    file.write_text("import workbook\n")
    assert imports(file) == {""}


@pytest.mark.parametrize("name", sorted(GROUND))
def test_the_ground_floor_imports_nothing_of_the_package(name: str) -> None:
    assert GRAPH[name] == OWN.get(name, set())


@pytest.mark.parametrize("name", [n for n in MODULES if n in FIRST])
def test_the_first_floor_imports_only_what_is_below_or_beside_it(name: str) -> None:
    assert GRAPH[name] <= GROUND | FIRST | (set(MODULES) - GROUND - FIRST - {"__init__"})


def test_nothing_imports_the_package_itself() -> None:
    assert [name for name in MODULES if GRAPH[name] & {"", "__init__"}] == []


def test_no_import_goes_round_in_a_circle() -> None:
    def reaches(name: str, seen: frozenset[str]) -> list[str]:
        for other in GRAPH[name]:
            if other in seen:
                return [other]
            if other in GRAPH and (circle := reaches(other, seen | {other})):
                return [other, *circle]
        return []

    for name in MODULES:
        assert reaches(name, frozenset({name})) == []


def test_the_engine_knows_no_topic_by_name() -> None:
    topics = [path.name for path in (PACKAGE / "topics").iterdir() if path.is_dir()]
    assert "wsgi_and_asgi" in topics
    for path in PACKAGE.glob("*.*"):
        if path.suffix in {".py", ".js", ".css"}:
            code = path.read_text(encoding="utf-8")
            named = [t for t in topics if t in code.replace(f"{t}/lifespan", "")]
            assert named == [], path


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, workbook; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    heavy = "sqlalchemy pydantic fastapi starlette flask django uvicorn ipywidgets anywidget"
    heavy += " IPython matplotlib numpy httpx pytest yaml markdown_it psutil"
    assert set(done.stdout.split()) & set(heavy.split()) == set()


def lines_of_code(source: str) -> int:
    """Count the lines of a module that are neither blank, comment nor docstring."""
    quiet: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        documented = isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        if documented and ast.get_docstring(node, clean=False) is not None:
            quiet |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(n not in quiet and line.strip()[:1] not in ("", "#") for n, line in lines)


def test_lines_of_code_are_counted_without_blanks_comments_and_docstrings() -> None:
    source = '"""Doc\n\nstring."""\n\n# comment\nx = 1\n\ndef f():\n    """Doc."""\n    return x\n'
    assert lines_of_code(source) == 3


def test_it_stays_small() -> None:
    texts = {name: (PACKAGE / f"{name}.py").read_text(encoding="utf-8") for name in MODULES}
    assert sum(map(lines_of_code, texts.values())) <= 3450
    assert max(len(text.splitlines()) for text in texts.values()) <= 500


def test_the_front_end_stays_small() -> None:
    assert sum((PACKAGE / name).stat().st_size for name in ("quiz.js", "quiz.css")) <= 40_000


# ---------------------------------------------------------------------------------- wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this folder without the network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "src/workbook"], capture_output=True, text=True
    ).stdout.splitlines()
    names = set(zipfile.ZipFile(wheel).namelist())
    assert len(tracked) > 20
    assert {path.removeprefix("src/") for path in tracked} <= names
    assert {"LICENSE", "LICENSE-text"} <= {Path(name).name for name in names}
    packages = {name.split("/")[0] for name in names}
    assert {name for name in packages if not name.endswith(".dist-info")} == {"workbook"}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an empty environment with the wheel in it, and what it needs beside it.

    What it needs is the environment that runs the tests, without the editable package there.
    """
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, symlinks=sys.platform != "win32")
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    python = scripts / ("python.exe" if sys.platform == "win32" else "python")
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    site = Path(done.stdout.strip())
    zipfile.ZipFile(wheel).extractall(site)
    here = {path for path in sys.path if path.endswith("site-packages")}
    (site / "needs.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    return python


def in_it(python: Path, script: str, folder: Path) -> str:
    """Run a script with the installed package, away from this repository."""
    done = subprocess.run(
        [python, "-I", "-c", textwrap.dedent(script)], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    where = in_it(installed, "import workbook; print(workbook.__file__)", tmp_path)
    assert str(ROOT) not in where


def test_the_installed_package_loads_its_bank_and_renders_it(
    installed: Path, tmp_path: Path
) -> None:
    script = """
        from workbook.bank import load_bank
        from workbook.quiz import render

        topics = load_bank()
        html = [render([q]) for topic in topics.values() for q in topic.questions.values()]
        print(len(topics), len(html), all("wb-question" in one for one in html))
    """
    topics, questions, rendered = in_it(installed, script, tmp_path).split()
    assert int(topics) >= 1
    assert int(questions) >= 28
    assert rendered == "True"


def test_the_installed_package_checks_an_exercise(installed: Path, tmp_path: Path) -> None:
    script = """
        from workbook.bank import load_bank
        from workbook.sandbox import run_checks

        topic = next(topic for topic in load_bank().values() if topic.exercises)
        exercise = next(iter(topic.exercises.values()))
        verdict = run_checks(exercise.starter, topic.path / "checks.py", exercise.checks)
        print(verdict.passed, len(verdict.checks) == len(exercise.checks))
    """
    assert in_it(installed, script, tmp_path).split() == ["False", "True"]


def test_the_installed_package_has_its_front_end(installed: Path, tmp_path: Path) -> None:
    script = """
        from importlib.resources import files

        for name in ("quiz.js", "quiz.css", "py.typed"):
            print(files("workbook").joinpath(name).is_file())
    """
    assert in_it(installed, script, tmp_path).split() == ["True"] * 3
