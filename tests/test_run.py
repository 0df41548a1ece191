"""run.py: set-up, its failures and interruptions, and what each command starts.

An installer of our own stands in for uv: it makes an environment whose Python prints how it was
called. So these tests need no network; that the real installers work is the soak's to show.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.needs_unix  # the stand-ins are scripts with a first line `#!`

UV = """#!{python}
import os, pathlib, sys, time
log = pathlib.Path(os.environ["UV_LOG"])
with log.open("a") as file:
    file.write(" ".join(sys.argv[1:3]) + "\\n")
while os.environ.get("UV_WAITS") and not pathlib.Path(os.environ["UV_WAITS"]).exists():
    time.sleep(0.02)
if os.environ.get("UV_FAILS"):
    sys.exit("error: Could not connect, are you offline?")
if sys.argv[1] == "venv":
    python = pathlib.Path(sys.argv[-1], "bin", "python")
    python.parent.mkdir(parents=True)
    python.write_text(pathlib.Path(os.environ["FAKE_PYTHON"]).read_text())
    python.chmod(0o755)
"""
PYTHON = """#!{python}
import json, os, sys
keep = ("JUPYTER_CONFIG_PATH", "PATH", "VIRTUAL_ENV")
told = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "env": {{k: os.environ[k] for k in keep}}}}
print(json.dumps(told))
sys.exit(int(os.environ.get("EXIT", "0")))
"""


class Project:
    """A folder with run.py in it, and a stand-in for uv on PATH."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a wörkbook"
        for name in ("run.py", "requirements.txt"):
            self.root.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, self.root)
        for place in ("tests", "notebooks", "solutions"):
            (self.root / place).mkdir()
        for name in ("05_wsgi_and_asgi", "00_start_here", "05_wsgi_and_asgi.mine"):
            (self.root / "notebooks" / f"{name}.ipynb").touch()
        (self.root / "tests" / "test_bank.py").touch()
        (folder / "bin").mkdir()
        self.script(folder / "bin" / "uv", UV)
        self.script(folder / "python", PYTHON)
        self.log = folder / "uv.log"
        self.env = {
            **os.environ,
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "UV_LOG": str(self.log),
            "FAKE_PYTHON": str(folder / "python"),
        }

    @staticmethod
    def script(path: Path, text: str) -> None:
        """Write an executable Python script."""
        path.write_text(text.format(python=sys.executable))
        path.chmod(0o755)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start run.py, in a process group of its own as a terminal would."""
        command = [sys.executable, str(self.root / "run.py"), *words]
        return subprocess.Popen(
            command,
            env={**self.env, **env},
            cwd=self.root.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run run.py to its end."""
        process = self.start(*words, **env)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @property
    def installs(self) -> int:
        """How often an environment was made."""
        return self.log.read_text().count("venv") if self.log.exists() else 0

    @property
    def stamp(self) -> Path:
        """The mark of a complete environment."""
        return self.root / ".venv" / "workbook-stamp"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh copy of the workbook's skeleton; its path has a space and an umlaut."""
    return Project(tmp_path)


def waits_for(condition: Callable[[], object]) -> None:
    """Wait until something has happened."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within a minute")


# ------------------------------------------------------------------------------- set-up


def test_it_sets_up_once_and_says_so(project: Project) -> None:
    first = project.run("setup")
    assert first.returncode == 0, first.stderr
    assert "Setting up" in first.stderr
    assert "requirements.txt" in first.stderr
    assert project.stamp.exists()
    assert project.log.read_text().splitlines() == ["venv --quiet", "pip install", "pip install"]
    second = project.run("setup")
    assert "Setting up" not in second.stderr
    assert project.installs == 1


@pytest.mark.parametrize("change", ["lock", "python", "moved"])
def test_a_change_rebuilds_the_environment(project: Project, change: str) -> None:
    project.run("setup")
    if change == "lock":
        with (project.root / "requirements.txt").open("a") as file:
            file.write("\n# one more line\n")
    elif change == "python":
        (project.root / ".venv" / "bin" / "python").unlink()
    else:
        project.root = project.root.rename(project.root.with_name("elsewhere"))
    leftover = project.root / ".venv" / "leftover"
    leftover.touch()
    assert project.run("setup").returncode == 0
    assert project.installs == 2
    assert not leftover.exists()
    assert not (project.root / ".venv-old").exists()
    assert str(project.root) in project.stamp.read_text(encoding="utf-8")


def test_a_failed_set_up_says_what_to_do_and_keeps_the_earlier_one(project: Project) -> None:
    failed = project.run("setup", UV_FAILS="1")
    assert failed.returncode == 1
    assert "are you offline" in failed.stderr
    assert "go online" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (project.root / ".venv").exists()

    project.run("setup")
    lock = project.root / "requirements.txt"
    before = lock.read_text(encoding="utf-8")
    lock.write_text(before + "\n# changed\n", encoding="utf-8")
    assert project.run("setup", UV_FAILS="1").returncode == 1
    lock.write_text(before, encoding="utf-8")
    assert "Setting up" not in project.run("setup").stderr, "the earlier environment is back"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_set_up_leaves_no_stamp(
    project: Project, tmp_path: Path, number: signal.Signals
) -> None:
    process = project.start("setup", UV_WAITS=str(tmp_path / "never"))
    waits_for(project.log.exists)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert 'Traceback (most recent call last):\n  File "' + str(project.root) not in err
    assert not project.stamp.exists()
    again = project.run("setup")
    assert again.returncode == 0, again.stderr
    assert project.stamp.exists()


def test_two_at_once_set_up_once(project: Project, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    processes = [project.start("setup", UV_WAITS=str(gate)) for _ in range(2)]
    waits_for(project.log.exists)
    gate.touch()
    results = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], results
    assert project.installs == 1


def test_an_installer_that_outlives_run_py_keeps_others_waiting(
    project: Project, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    first = project.start("setup", UV_WAITS=str(gate))
    waits_for(project.log.exists)
    first.kill()  # run.py alone: its installer goes on
    first.wait()
    second = project.start("setup")
    assert second.stderr
    assert "waiting" in second.stderr.readline()
    gate.touch()
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert project.stamp.exists()


def test_without_uv_pip_and_venv_it_says_what_to_install(project: Project, tmp_path: Path) -> None:
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    for name in ("pip", "venv"):
        (shadow / f"{name}.py").write_text(f"raise SystemExit('no {name} here')")
    source = project.root / "run.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("usr/share/python-wheels/pip", "nowhere/pip"), encoding="utf-8")
    done = project.run("setup", PATH=str(tmp_path / "none"), PYTHONPATH=str(shadow))
    assert done.returncode == 1
    assert "neither pip nor a working venv" in done.stderr
    assert "apt-get install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_older_python_is_told_which_one_it_needs(project: Project) -> None:
    source = (ROOT / "run.py").read_text(encoding="utf-8")
    pretend = source.replace("import sys\n", "import sys\nsys.version_info = (3, 9, 2)\n", 1)
    (project.root / "run.py").write_text(pretend, encoding="utf-8")
    done = project.run("lab")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert project.installs == 0


def test_it_parses_on_python_3_6() -> None:
    import ast

    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


# ------------------------------------------------------------------------------ commands


def told(project: Project, *words: str) -> dict[str, object]:
    """What a command starts, and where."""
    done = project.run(*words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_lab_starts_jupyterlab_for_this_machine_only(project: Project) -> None:
    call = told(project, "lab", "--no-browser", "--port=8899")
    argv = call["argv"]
    assert argv[:2] == ["-m", "jupyterlab"]
    assert "--ServerApp.ip=127.0.0.1" in argv
    assert argv[-2:] == ["--no-browser", "--port=8899"]
    assert call["cwd"] == str(project.root)
    assert call["env"]["JUPYTER_CONFIG_PATH"].startswith(str(project.root / "tools" / "jupyter"))
    assert call["env"]["PATH"].startswith(str(project.root / ".venv" / "bin"))


def test_test_runs_tests_and_notebooks_in_one_pytest(project: Project) -> None:
    argv = told(project, "test")["argv"]
    assert argv[:4] == ["-m", "pytest", "-m", "not soak"]
    assert "--nbval" in argv
    assert argv[argv.index("-n") + 1 :] == [
        *(str(min(8, 2 * (os.cpu_count() or 1))), "--dist", "loadscope", "tests"),
        *("notebooks/00_start_here.ipynb", "notebooks/05_wsgi_and_asgi.ipynb"),
    ]


def test_test_runs_only_the_paths_that_it_is_given(project: Project) -> None:
    argv = told(project, "test", "tests/test_bank.py::test_x", "-k", "order")["argv"]
    assert argv[-3:] == ["tests/test_bank.py::test_x", "-k", "order"]
    assert "tests" not in argv
    assert "-n" not in argv


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["soak", "-k", "kill"], ["-m", "pytest", "-m", "soak", "--soak-table"]),
        (["bench", "quiz"], ["benchmarks/run.py", "quiz"]),
    ],
)
def test_a_command_starts_its_program(
    project: Project, words: list[str], expected: list[str]
) -> None:
    argv = told(project, *words)["argv"]
    assert argv[: len(expected)] == expected
    assert argv[-1] == words[-1]


def test_book_makes_every_warning_an_error(project: Project) -> None:
    argv = told(project, "book")["argv"]
    assert argv[0] == "-c"
    assert {"build", "-W", "--keep-going"} <= set(argv)


def test_the_exit_code_is_the_programs_own(project: Project) -> None:
    project.run("setup")
    assert project.run("test", EXIT="5").returncode == 5


def test_an_unknown_command_lists_those_there_are(project: Project) -> None:
    done = project.run("tset")
    assert done.returncode == 2
    for name in ("lab", "test", "update", "book", "refresh", "soak", "bench"):
        assert name in done.stderr
    assert project.installs == 0


def test_help_needs_no_set_up(project: Project) -> None:
    done = project.run("--help")
    assert done.returncode == 0
    assert "python3 run.py COMMAND" in done.stdout
    assert project.installs == 0


# ---------------------------------------------------------------------------------- soak


def _without(name: str) -> str:
    """PATH without the folders that hold a program of this name."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(f for f in folders if not Path(f, name).exists())


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A fresh clone of what is committed."""
    target = tmp_path / "frischer Klön"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(target)], check=True)
    yield target
    shutil.rmtree(target)


@pytest.mark.soak
@pytest.mark.needs_git
@pytest.mark.parametrize("way", ["uv from pip", "venv and pip"])
def test_a_fresh_clone_sets_up_for_real(
    clone: Path, tmp_path: Path, way: str, soak_row: Callable[[str, str], None]
) -> None:
    env = {**os.environ, "PATH": _without("uv")}
    if way == "venv and pip":  # no pip outside the environment
        source = (clone / "run.py").read_text(encoding="utf-8")
        source = source.replace('fetch_uv([python, "-m", "pip"], place)', "None")
        (clone / "run.py").write_text(source, encoding="utf-8")
    base = getattr(sys, "_base_executable", sys.executable)
    seconds = []
    for _ in range(2):
        began = time.monotonic()
        done = subprocess.run([base, "run.py", "setup"], cwd=clone, env=env, timeout=900)
        assert done.returncode == 0
        seconds.append(time.monotonic() - began)
    script = "import workbook; print(workbook.__file__)"
    python = clone / ".venv" / "bin" / "python"
    out = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(clone / "src" / "workbook" / "__init__.py")
    soak_row(f"a fresh clone sets up with {way}", "{:.0f} s, then {:.2f} s".format(*seconds))
