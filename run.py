#!/usr/bin/env python3
"""Set the workbook up, and do things with it. Needs nothing but Python 3.11 or newer.

    python3 run.py COMMAND [ARGUMENTS]            on Windows: py run.py COMMAND [ARGUMENTS]

    lab       open JupyterLab on the start page       (arguments go to JupyterLab: --no-browser ...)
    test      run every test this machine can run     (to pytest: tests/test_bank.py -k order ...)
    update    take a newer version; your own edits stay
    book      build the published book                (--open shows it)
    refresh   re-execute notebooks, rewrite their stored outputs      (to workbook.authoring)
    soak      repetitions, kills and full mutation, into benchmarks/soak.md         (to pytest)
    bench     the benchmarks                                       (to benchmarks/run.py)
    setup     only set up

Each command first sets up: it makes the folder .venv with the packages that requirements.txt locks,
and does it again only when that file, the Python or the place of this folder has changed.
"""

import sys

if sys.version_info < (3, 11):  # this file must parse on 3.6, or nobody reads this message
    import shutil

    names = [f"python3.{n}" for n in range(20, 10, -1) if shutil.which(f"python3.{n}")]
    sys.exit(
        f"The workbook needs Python 3.11 or newer; this is Python {sys.version.split()[0]} "
        f"({sys.executable}).\n"
        + (f"You have a newer one:  {names[0]} run.py" if names else "Install one from python.org.")
    )

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLD = ROOT / ".venv-old"
STAMP = VENV / "workbook-stamp"
LOCK = ROOT / "requirements.txt"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
UV = "uv==0.13.9"
QUIET = [] if sys.stderr.isatty() else ["--quiet"]  # an installer's own progress is for a person


def say(text: str) -> None:
    """Tell the user what is going on (on stderr: stdout is the command's own)."""
    print(f"run.py: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    """End with a message that says what is wrong and what to do."""
    say(text)
    raise SystemExit(1)


# ---------------------------------------------------------------------------------- set-up


def stamp() -> str:
    """What .venv depends on: the lock, this Python, and where the folder is."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{lock}\n{sys.version}\n{sys.base_prefix}\n{ROOT}\n"


def is_set_up() -> bool:
    """Whether .venv is complete and made for this lock, Python and place."""
    try:
        return STAMP.read_text(encoding="utf-8") == stamp() and PYTHON.exists()
    except OSError:
        return False


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time change this folder; the system lets go when that process ends."""
    with (ROOT / ".venv.lock").open("w") as file:
        if not _lock(file.fileno()):
            say("Another run.py is setting up here; waiting for it.")
            while not _lock(file.fileno()):
                time.sleep(0.3)
        yield


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            os.set_inheritable(descriptor, True)  # an installer that outlives us keeps the lock
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def run(*command: object, quiet: bool = False) -> bool:
    """Run a program, its output shown unless quiet; return whether it succeeded."""
    pipe = subprocess.PIPE if quiet else None
    words = [str(word) for word in command]
    return subprocess.run(words, stdout=pipe, stderr=pipe, close_fds=False).returncode == 0


def set_up() -> None:
    """Make .venv, unless it is there already; on any failure put the earlier one back."""
    if is_set_up():
        return
    with alone():
        if is_set_up():
            return
        began = time.monotonic()
        try:
            if STAMP.exists() and not OLD.exists():
                VENV.rename(OLD)
            elif VENV.exists():
                shutil.rmtree(VENV)
        except OSError as error:
            stop(f"Cannot replace {VENV}: {error}.\nClose JupyterLab if it runs, then try again.")
        try:
            install()
            fresh = STAMP.with_suffix(".new")
            fresh.write_text(stamp(), encoding="utf-8")
            fresh.replace(STAMP)
        except BaseException:
            shutil.rmtree(VENV, ignore_errors=True)
            if OLD.exists() and not VENV.exists():
                OLD.rename(VENV)
            raise
        shutil.rmtree(OLD, ignore_errors=True)
        say(f"Set up in {time.monotonic() - began:.0f} s.")


def install() -> None:
    """Create .venv and install the locked packages, with the quickest installer that works here."""
    python = getattr(sys, "_base_executable", "") or sys.executable
    say(f"Setting up {VENV} with Python {sys.version.split()[0]} and the packages of {LOCK.name}.")
    say("The first time takes a minute or so and 2 GB of disk; after that it is instant.")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if shutil.which("uv"):
            with_uv(shutil.which("uv"), python) or failed()
        elif with_uv(fetch_uv([python, "-m", "pip"], place), python):
            pass
        elif run(python, "-m", "venv", "--clear", VENV, quiet=True):
            with_pip() or failed()
        else:
            wheel = debian_pip(place) or no_pip(python)
            with_uv(fetch_uv([python, wheel / "pip"], place), python) or failed()


def no_pip(python: str) -> NoReturn:
    """End a set-up that found no way to install anything."""
    stop(
        f"{python} has neither pip nor a working venv, and there is no uv. Install one:\n"
        "  Debian, Ubuntu:  sudo apt-get install python3-venv\n"
        "  Fedora:          sudo dnf install python3-pip\n"
        "  anywhere:        uv, as docs.astral.sh/uv says\n"
        "Then run the same command again."
    )


def with_uv(uv: "str | None", python: str) -> bool:
    """Set up with uv; a few seconds and the downloads."""
    if uv is None:
        return False
    shutil.rmtree(VENV, ignore_errors=True)
    install = [uv, "pip", "install", "--python", PYTHON, "--no-deps", *QUIET]
    return (
        run(uv, "venv", "--quiet", "--no-project", "--python", python, VENV)
        and run(*install, "--compile-bytecode", "-r", LOCK)
        and run(*install, "--no-build-isolation", "-e", ROOT)
    )


def with_pip() -> bool:
    """Set up with the pip of .venv; about a minute and the downloads."""
    say("Installing with pip; this takes a while.")
    install = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    install += QUIET
    return run(*install, "-r", LOCK) and run(*install, "--no-build-isolation", "-e", ROOT)


def fetch_uv(pip: Sequence[object], folder: Path) -> "str | None":
    """Install uv into a folder of its own with some pip; return its path, or None."""
    if run(*pip, "--version", quiet=True):
        say("Getting uv, which installs quickly, into a temporary folder.")
        run(*pip, "install", "-qq", "--retries", 1, "--target", folder / "uv", UV)
    return shutil.which("uv", path=folder / "uv" / "bin")


def failed() -> NoReturn:
    """End a set-up that could not install the packages."""
    stop(
        "The packages could not be installed; the reason is above.\n"
        "If it could not connect: go online, or set HTTPS_PROXY where a proxy is needed.\n"
        "Nothing is broken: the same command tries again, and keeps what it has downloaded."
    )


def debian_pip(folder: Path) -> "Path | None":
    """Return Debian's own wheel of pip, fetched by apt-get as any user; nothing gets installed."""
    wheels = "usr/share/python-wheels/pip-*.whl"
    found = [*Path("/").glob(wheels), *folder.glob(wheels)]
    if not found and shutil.which("apt-get"):
        say("It has no pip either; asking apt-get for Debian's (nothing is installed by that).")
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        apt = ["apt-get", "-qq", "-o", f"Dir::State::lists={folder}/lists"]
        apt += ["-o", f"Dir::Cache={folder}/cache", "-o", "APT::Sandbox::User="]
        script = 'cd "$0" && "$@" update && "$@" download python3-pip-whl && dpkg-deb -x *.deb .'
        run("sh", "-c", script, folder, *apt)
        found = [*folder.glob(wheels)]
    return found[0] if found else None


# -------------------------------------------------------------------------------- commands


def launch(*command: object) -> NoReturn:
    """Become a program of .venv, in this folder."""
    env = dict(os.environ, VIRTUAL_ENV=str(VENV), JUPYTER_PREFER_ENV_PATH="1", PYTHONUTF8="1")
    env["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    configs = [str(ROOT / "tools" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, configs))
    words = [str(PYTHON), *(str(word) for word in command)]
    os.chdir(ROOT)
    if os.name != "nt":
        os.execve(words[0], words, env)
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program
    raise SystemExit(subprocess.run(words, env=env).returncode)


def lab(arguments: Sequence[str]) -> None:
    """Open JupyterLab on the start page; on this machine only."""
    say("Starting JupyterLab on the start page; Ctrl-C here ends it.")
    launch("-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", *arguments)


def test(arguments: Sequence[str]) -> None:
    """Run the tests and re-run every notebook, comparing its outputs; not the soak."""
    nbval = "-p nbval --nbval --nbval-current-env --nbval-cell-timeout 300 --nbval-sanitize-with"
    options: list[object] = ["-m", "not soak", *nbval.split(), ROOT / "tests/nbval_sanitize.cfg"]
    given = (word.split("::")[0] for word in arguments if not word.startswith("-"))
    if not any((ROOT / word).exists() for word in given):
        found = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*.ipynb")]
        notebooks = [p.relative_to(ROOT) for p in sorted(found) if "." not in p.stem]
        workers = min(8, 2 * (os.cpu_count() or 1))  # tests wait more than they compute
        options += ["-n", workers, "--dist", "loadscope", "tests", *notebooks]
    launch("-m", "pytest", *options, *arguments)


def soak(arguments: Sequence[str]) -> None:
    """Run the repetitions, kills and full mutation; write their dated table."""
    launch("-m", "pytest", "-m", "soak", "--soak-table", "benchmarks/soak.md", *arguments)


def refresh(arguments: Sequence[str]) -> None:
    """Rewrite what is generated: stored outputs, diagrams, Binder's requirements, links."""
    os.chdir(ROOT)
    if not all(run(PYTHON, f"tools/{tool}.py") for tool in ("generate", "diagrams")):
        raise SystemExit(1)
    launch("-m", "workbook.authoring", "refresh", *arguments)


def book(arguments: Sequence[str]) -> None:
    """Build the published book from the stored outputs; every warning is an error."""
    page = ROOT / "_build" / "html" / "index.html"
    script = "import atexit, webbrowser; from jupyter_book.cli.main import main\n"
    if "--open" in arguments:
        script += f"atexit.register(webbrowser.open, {page.as_uri()!r})\n"
    rest = [word for word in arguments if word != "--open"]
    launch("-c", script + "main()", "build", ".", "-W", "-n", "--keep-going", *rest)


def bench(arguments: Sequence[str]) -> None:
    """Run the benchmarks."""
    launch("benchmarks/run.py", *arguments)


def setup(arguments: Sequence[str]) -> None:
    """Only set up."""
    say(f"Ready: {PYTHON}")


def update(arguments: Sequence[str]) -> None:
    """Take a newer version, then set up as that version says."""
    with alone():
        if not run(sys.executable, ROOT / "tools" / "update.py", *arguments):
            raise SystemExit(1)
    raise SystemExit(0 if run(sys.executable, ROOT / "run.py", "setup") else 1)


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    f.__name__: f for f in (lab, test, update, book, refresh, soak, bench, setup)
}


def main(words: Sequence[str]) -> None:
    """Set up and run one command."""
    if not words or words[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return
    if words[0] not in COMMANDS:
        say(f"There is no command {words[0]!r}; there are: {', '.join(COMMANDS)}")
        raise SystemExit(2)
    if words[0] != "update":  # which sets up afterwards, as the newer version says
        set_up()
    COMMANDS[words[0]](words[1:])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        stop("Interrupted. Nothing is broken: the same command starts again.")
    except OSError as problem:
        stop(f"{problem}\nIs the disk full? May you write to {ROOT}?")
