"""Small throw-away projects on disk, for cells, proofs and checks that build, run and break them.

A cell that begins with ``%%project shop`` holds several files, each below a line that names it, and
makes them a project in this kernel's private folder; the name ``shop`` is then that project::

    %%project shop
    # file: shop/__init__.py
    # file: shop/prices.py
    VAT = 0.25
    # file: tests/test_prices.py
    from shop.prices import VAT

    def test_vat():
        assert VAT == 0.25

``print(shop.run("python -m pytest -q"))`` runs a real tool in it, as a process of its own.
``%%project shop --add`` writes further files, or other contents, into the project that is there.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from .processes import ProcessFailed, Running, find_program, own_temporary, private_folder

if TYPE_CHECKING:
    from IPython.core.magic import Magics

_MARK = re.compile(r"# file: (\S+)\s*")
#: Variables that configure a tool behind the back of the project that it runs in; pytest and
#: hypothesis work otherwise where they see CI.
_BEHIND = [
    "PYTEST",
    "PYTHON",
    "COV_",
    "COVERAGE",
    "PIP_",
    "UV_",
    "RUFF_",
    "GIT_",
    "WORKBOOK_",
    "VIRTUAL_ENV",
]
_BEHIND += ["HYPOTHESIS", "JPY_", "MPL", "FORCE_COLOR", "CLICOLOR", "LINES"]
_BEHIND += ["CI", "BUILD_NUMBER", "GITHUB_"]
_UNSEEN = {"__pycache__", ".git", ".venv"}
#: No network, no colour, one width, no machine's settings, nothing written that nobody asked for,
#: one set of plugins.
_GIVEN = {
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_NO_INDEX": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "UV_NO_CACHE": "1",
    "UV_NO_CONFIG": "1",
    "UV_OFFLINE": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}


@dataclass(frozen=True)
class Outcome:
    """What a program ended with: its exit code, and all that it printed; ``print`` shows that."""

    code: int | None
    output: str

    def __str__(self) -> str:
        return self.output


class Project:
    """A folder of files that lasts as long as this process.

    Parameters
    ----------
    name
        The folder's name. A project of this name that is there already is replaced.
    files
        Text for each path, or one text in which a line ``# file: PATH`` stands above each file.

    Raises
    ------
    ValueError
        A path leads out of the folder, stands twice, or there is text above the first file.
    """

    def __init__(self, name: str, files: Mapping[str, str] | str = "") -> None:
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ValueError(f"a project needs a plain name, such as `shop`, not {name!r}")
        self.path = private_folder("projects") / name
        texts = _checked(files)
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir()
        self._write(texts)

    def write(self, files: Mapping[str, str] | str) -> None:
        """Add files, or replace their contents; ``files`` as for the project itself."""
        self._write(_checked(files))

    def _write(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.path / name).read_text(encoding="utf-8")

    def tree(self) -> str:
        """Return the files as an indented tree, without caches, ``.git`` and ``.venv``."""
        lines = [f"{self.path.name}/"]
        for path in sorted(self.path.rglob("*")):
            parts = path.relative_to(self.path).parts
            if not any(part in _UNSEEN or part.endswith("_cache") for part in parts):
                lines.append("    " * len(parts) + path.name + "/" * path.is_dir())
        return "\n".join(lines)

    def run(
        self,
        command: str | Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        seconds: float = 120.0,
    ) -> Outcome:
        """Run a program in the project's folder, with nothing to read, and wait for its end.

        Programs of this environment come before those on PATH; ``python`` is this very interpreter.
        There is no network for pip and uv. pytest loads no plugin but those that the project, or
        ``env={"PYTEST_PLUGINS": "pytest_asyncio.plugin"}``, names. In what it printed, paths begin
        with the project's name (``.../`` for other folders of this machine), and the seconds that a
        tool says it took are marked as measured.

        Parameters
        ----------
        command
            Words, or a text that is split as a POSIX shell would; no shell runs it.
        env
            Further environment variables.
        seconds
            How long it may take.

        Raises
        ------
        ProcessFailed
            There is no such program, or it did not end in time; the message says what it printed.
        """
        words = (
            shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        )
        python = words[0] in ("python", "python3")
        program = sys.executable if python else find_program(words[0])
        if program is None:
            raise ProcessFailed(f"there is no program {words[0]!r} here")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(tuple(_BEHIND))}
        kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
        environment = {**kept, **_GIVEN, **own_temporary(), **(env or {})}
        with Running(
            [program, *words[1:]], name=words[0], cwd=self.path, env=environment
        ) as running:
            if not running.wait(seconds):
                told = self._tidy(running.log_text()) or "(it printed nothing)"
                raise ProcessFailed(f"{words[0]} did not end within {seconds:g} s:\n{told}")
            return Outcome(running.exit_code, self._tidy(running.log_text()))

    def _tidy(self, text: str) -> str:
        """Leave out what changes from one machine or run to another; mark what was measured."""
        places = {self.path: self.path.name, self.path.parent: "...", private_folder(): "..."}
        places |= {Path(sys.prefix): ".../env", Path(sys.base_prefix): ".../python"}
        for place, name in places.items():
            for spelled in dict.fromkeys((str(place.resolve()), str(place), place.as_posix())):
                text = text.replace(spelled, name)
        text = re.sub(r"\b0x[0-9a-fA-F]{6,}", "0x...", text)
        text = re.sub(r"\bin (\d[\d.]*) ?(ms|s)\b", r"in ≈ \1 \2", text)
        return re.sub(r"([=_])\1{4,}", r"\1\1\1\1", text).rstrip()


def _checked(files: Mapping[str, str] | str) -> dict[str, str]:
    """Return the text of each path, in the order given, once every path is known to be sound."""
    texts = _split(dedent(files)) if isinstance(files, str) else dict(files)
    for name in texts:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            raise ValueError(
                f"{name!r} leads out of the project: write a path such as shop/main.py"
            )
    return texts


def _split(text: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    name = None
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if mark := _MARK.fullmatch(line):
            name = mark[1]
            if name in texts:
                raise ValueError(f"line {number}: the file {name} stands here for the second time")
            texts[name] = ""
        elif name is not None:
            texts[name] += line
        elif line.strip():
            raise ValueError(f"line {number}: no file to write this to; begin with `# file: PATH`")
    return {name: text.rstrip("\n") + "\n" if text.strip() else "" for name, text in texts.items()}


def __getattr__(name: str) -> type[Magics]:
    """Make ``ScratchMagics`` when asked for it: a proof does without IPython, which is slow."""
    if name != "ScratchMagics":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from IPython.core.error import UsageError
    from IPython.core.magic import Magics, cell_magic, magics_class

    @magics_class
    class ScratchMagics(Magics):
        """The magic ``%%project``."""

        @cell_magic
        def project(self, line: str, cell: str) -> None:
            """Write the cell's files to a project, print nothing: ``%%project shop [--add]``."""
            __tracebackhide__ = True
            assert self.shell
            names: dict[str, Any] = self.shell.user_ns
            name, *options = line.split() or [""]
            if options not in ([], ["--add"]) or not name.isidentifier():
                raise UsageError("%%project NAME makes a project, %%project NAME --add adds to it")
            try:
                if not options:
                    names[name] = Project(name, cell)
                elif isinstance(names.get(name), Project):
                    names[name].write(cell)
                else:
                    raise UsageError(f"there is no project {name} yet: run the cell that makes it")
            except ValueError as error:
                raise UsageError(f"%%project {name}: {error}") from None

    return ScratchMagics
