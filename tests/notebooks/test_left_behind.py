"""A notebook leaves no process and no file behind, also where it is interrupted in mid-cell."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from IPython.paths import get_ipython_dir
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(ROOT.glob("notebooks/[01][0-9]*.ipynb"))
LONGEST = 6  #: so many of a notebook's cells, those that take longest, are interrupted half way
SECONDS = 5  #: for what has to be gone

pytestmark = pytest.mark.needs_unix


class Kernel:
    """A kernel on a copy of the notebooks, whose processes and files can be told from others'."""

    def __init__(self, folder: Path) -> None:
        self.tmp, self.cookie = folder / "tmp", uuid.uuid4().hex
        self.tmp.mkdir()
        self.notebooks = folder / "notebooks"
        shutil.copytree(ROOT / "notebooks", self.notebooks)
        get_ipython_dir()  # the first kernel ever makes it; this one's may be it
        self.before = self.files()
        here = KernelSpecManager(kernel_dirs=[])  # the kernel of this very interpreter, no other
        self.manager = KernelManager(kernel_name="python3", kernel_spec_manager=here)
        env = {**os.environ, "TMPDIR": str(self.tmp), "LEFT_BEHIND": self.cookie}
        self.manager.start_kernel(
            env=env, cwd=str(self.notebooks), extra_arguments=["--log-level=ERROR"]
        )
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, source: str, interrupt_after: float | None = None) -> float:
        """Run a cell to its end, or interrupt it; return how long it took (seconds)."""
        began = time.monotonic()
        message = self.client.execute(source)
        while True:
            if interrupt_after is not None and time.monotonic() > began + interrupt_after:
                interrupt_after = None
                self.manager.interrupt_kernel()
            assert time.monotonic() < began + 300, "it does not come to its end"
            with suppress(Exception):  # queue.Empty
                told = self.client.get_iopub_msg(timeout=0.05)
                mine = told["parent_header"].get("msg_id") == message
                if mine and told["content"].get("execution_state") == "idle":
                    return time.monotonic() - began

    def files(self) -> set[Path]:
        """Return what stands in the user's home, beside the notebooks and in the folder for it."""
        places = [*self.notebooks.rglob("*"), *self.tmp.glob("*"), *Path.home().glob("*")]
        return {path for path in places if ".ipynb_checkpoints" not in path.parts}

    def processes(self) -> list[str]:
        """Return what its processes are called."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                environment = process.environ()
                ours = environment.get("LEFT_BEHIND") == self.cookie
                if ours or str(self.tmp) in environment.get("TMPDIR", ""):
                    found.append(" ".join(process.cmdline())[:200])
        return found

    def left(self) -> list[str]:
        """Return what is still there some seconds after the kernel has gone."""
        deadline = time.monotonic() + SECONDS
        while (found := [*self.processes(), *map(str, self.files() - self.before)]) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.1)
        return found


@contextmanager
def kernel(folder: Path) -> Iterator[Kernel]:
    """Start a kernel; whatever happens, end it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = Kernel(folder)
    try:
        yield made
    finally:
        made.client.stop_channels()
        made.manager.shutdown_kernel(now=True)


def sources(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def test_what_a_kernel_leaves_behind_is_seen(tmp_path: Path) -> None:
    script = (
        "import subprocess, tempfile; subprocess.Popen(['sleep', '60'], start_new_session=True)"
    )
    with kernel(tmp_path / "one") as leaves:
        leaves.run(f"{script}\ntempfile.mkdtemp(prefix='forgotten')")
        leaves.run("open('beside.txt', 'w').close()")
        assert leaves.run("import time; time.sleep(60)", interrupt_after=0.5) < 30
        leaves.manager.shutdown_kernel(now=True)
        found = leaves.left()
        assert [Path(name).name[:9] for name in found] in (
            ["sleep 60", "forgotten", "beside.tx"],
            ["sleep 60", "beside.tx", "forgotten"],
        )
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("LEFT_BEHIND") == leaves.cookie:
                    process.kill()
        (leaves.notebooks / "beside.txt").unlink()


@pytest.mark.soak
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_notebook_leaves_nothing_behind(
    path: Path, tmp_path: Path, soak_row: Callable[[str, str], None]
) -> None:
    """Once run to its end and shut down as Jupyter does, then interrupted in its longest cells."""
    cells, found = sources(path), []
    with kernel(tmp_path / "whole") as whole:
        seconds = [whole.run(source) for source in cells]
        whole.manager.shutdown_kernel()
        found += [f"after its end: {each}" for each in whole.left()]
    longest = sorted(range(len(cells)), key=lambda n: -seconds[n])[:LONGEST]
    for count, number in enumerate(sorted(longest)):
        with kernel(tmp_path / "part") as part:
            for source in cells[:number]:
                part.run(source)
            part.run(cells[number], interrupt_after=seconds[number] / 2)
            part.manager.shutdown_kernel(now=bool(count % 2))  # every other one by SIGKILL
            found += [f"interrupted in code cell {number + 1}: {each}" for each in part.left()]
    claim = (
        f"{path.stem}: to its end, and interrupted in {len(longest)} cells: left after {SECONDS} s"
    )
    soak_row(claim, f"{len(found)} processes and files")
    assert found == []
