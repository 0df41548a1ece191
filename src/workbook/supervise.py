"""Run one command, limit it, leave nothing of it behind: a script, run by path, never imported.

    python -I supervise.py --log FILE [--seconds S] [--memory-mb M] [--processes N]
                           [--output-bytes N] [--grace G] [--remove FOLDER] [--scratch FOLDER]
                           -- argv...

``argv`` gets the environment, the working directory and the descriptors (``pass_fds``) of this
script, an empty standard input, and a session of its own; what it prints is appended to FILE.

- **stdin is the owner's hold.** At its end (closed, or the owner is dead, ``kill -9`` included)
  ``argv`` gets SIGTERM and G seconds (default 2), then every descendant is killed. On POSIX the
  owner's death is noticed within a second even where a fork of the owner still holds the pipe.
  Once the owner is dead, ``--scratch``, its temporary folder, is removed too (POSIX).
  SIGTERM to this script does the same; SIGINT and SIGHUP do nothing.
- **stdout tells**: a line of JSON ``{"pid": N, "supervisor": N}``, the second being this process,
  or ``{"error": "why it did not start"}``; at the end ``{"ended": WHY, "code": N, "left": N}``. WHY
  is ``exit``, ``owner`` or the limit passed: ``seconds``, ``memory``, ``processes``, ``output``. A
  negative code is a signal. ``left`` counts the processes that were alive 0.3 s after ``argv`` had
  ended, or when it was ended; all are dead, and ``--remove`` is gone with all that is in it.

Limits are for the whole tree: wall clock; resident memory in MiB, looked at up to 20 times a
second, with 2 GiB more of address space for each process as a belt (a shared page counts once on
Linux, once for each process elsewhere); processes, likewise; bytes printed (the rest is cut).

On Linux an orphan comes back to this script (subreaper), so ``setsid`` hides nothing, and a fork
bomb is held by a limit on the user or, for root, whom that does not bind, by our priority: from a
quarter of the processes allowed on, they have the lowest. On macOS and Windows an orphan is known
by a cookie in its environment: one that cleared it escapes, and a fast fork bomb can win. Windows
has no limit on address space, macOS may ignore it, and Windows ends a process at once where POSIX
asks with SIGTERM first.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:  # every server's start waits for these imports: no more than it needs
    from collections.abc import Callable, Iterator
    from typing import IO, Any

LINUX, POSIX, NO_LIMIT = sys.platform == "linux", os.name == "posix", float("inf")
FREEZE = getattr(signal, "SIGSTOP", signal.SIGTERM)  # on Windows SIGTERM kills
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
PAGE = os.sysconf("SC_PAGE_SIZE") if POSIX else 0
COOKIE = f"WORKBOOK_SUPERVISED_{os.urandom(16).hex()}"


def tell(**told: object) -> None:
    """Write one line to the owner, who may be gone."""
    with suppress(OSError):
        os.write(1, json.dumps(told).encode() + b"\n")


def read_proc(child: int = 0) -> Iterator[tuple[int, int, int, int]]:
    """Yield pid, parent, threads and memory of each living process; reap orphans that ended."""
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):  # noqa: PTH208
        with suppress(OSError), open(f"/proc/{pid}/stat", "rb", 0) as stat:  # noqa: PTH123
            state, parent, *others = stat.read(1024).rpartition(b")")[2].split(None, 22)
            if state not in (b"Z", b"X"):
                yield pid, int(parent), int(others[15]), int(others[19]) * PAGE
            elif pid != child and int(parent) == os.getpid():
                os.waitpid(pid, os.WNOHANG)


def find_living(child: int, everywhere: bool = False) -> dict[int, int]:
    """Return the pid and memory of each living descendant (``everywhere``: of orphans too)."""
    if LINUX:
        children: dict[int, list[int]] = {}
        memory: dict[int, int] = {}
        for pid, parent, _, memory[pid] in read_proc(child):
            children.setdefault(parent, []).append(pid)
        tree = children.get(os.getpid(), [])
        for pid in tree:
            tree += children.get(pid, ())
        return {pid: memory[pid] for pid in tree}
    import psutil

    found, own = {}, psutil.Process().children(recursive=True)
    for process in [*own, *(psutil.process_iter() if everywhere else ())]:
        with suppress(psutil.Error, OSError):
            if process in own or COOKIE in process.environ():
                found[process.pid] = process.memory_info().rss
    return found


def share_out(tree: dict[int, int]) -> int:
    """Sum the memory anew, each shared page once: slower, so only where the simple sum is high.

    The largest come first, and in a quarter of a second, or a fork bomb would win the time to grow.
    """
    total, deadline = 0, time.monotonic() + 0.25
    for pid in sorted(tree, key=tree.__getitem__, reverse=True):
        with suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb", 0) as rollup:  # noqa: PTH123
            total += int(rollup.read(4096).partition(b"Pss:")[2].split()[0]) * 1024
        if time.monotonic() > deadline:
            break
    return total


def give_way(tree: dict[int, int]) -> None:
    """Give the processes, and so what they fork, the lowest priority: a bomb must not slow us."""
    for pid in tree if POSIX else ():
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, 19)


def adopt_orphans() -> None:
    """Become the parent of each descendant whose own parent ends (Linux)."""
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def start(limits: argparse.Namespace, popen: Callable[..., Any]) -> Any:
    """Start the command as the leader of its own session, under the limits that a kernel knows."""
    bounds = {}
    if POSIX and limits.memory_mb < NO_LIMIT:
        bounds["RLIMIT_AS"] = (limits.memory_mb + 2048) * 2**20
    if LINUX and limits.processes < NO_LIMIT:
        bounds["RLIMIT_NPROC"] = sum(row[2] for row in read_proc()) + 2 * limits.processes
    for name, bound in bounds.items():
        import resource

        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (int(bound), int(bound)))
    if LINUX:
        adopt_orphans()
    with open(limits.log, "ab") as log:  # noqa: PTH123
        child = popen(
            limits.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if limits.output_bytes < NO_LIMIT else log,
            stderr=subprocess.STDOUT,
            close_fds=False,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            env={**os.environ, COOKIE: "1"},
        )
    with suppress(OSError):
        if "RLIMIT_NPROC" in bounds:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    for passed in range(3, 4096):  # the command's alone: it can close a listener for good
        with suppress(OSError):
            if POSIX and os.get_inheritable(passed):
                os.close(passed)
    return child


def copy_output(source: IO[bytes] | None, limits: argparse.Namespace) -> bool | None:
    """Append what is printed to the log; return True once it is too much."""
    room = int(limits.output_bytes) if source else 0
    with open(limits.log, "ab", 0) as log:  # noqa: PTH123
        while source and (data := os.read(source.fileno(), 65536)):
            log.write(data[:room])
            room -= len(data)
            if room < 0:
                return True
    return None


def end_all(child: int) -> None:
    """Freeze every descendant, then kill: the frozen count, so that a fork bomb cannot refill."""
    frozen: set[int] = set()
    deadline = time.monotonic() + 10
    with suppress(OSError, AttributeError):
        os.killpg(child, KILL)
    while (living := find_living(child, True)) and time.monotonic() < deadline:
        fresh = living.keys() - frozen
        for pid in fresh or living:
            with suppress(OSError):
                os.kill(pid, FREEZE if fresh else KILL)
        frozen |= fresh
        time.sleep(0 if fresh else 0.01)


def remove(folder: str | None) -> None:
    """Remove a folder, as far as that is possible."""
    if folder:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def main(popen: Callable[..., Any] = subprocess.Popen) -> None:
    """Start the command, wait for the first reason to end it, clean up and tell."""
    parser, owner = argparse.ArgumentParser(), os.getppid()
    parser.add_argument("--log", required=True)
    parser.add_argument("--remove")
    parser.add_argument("--grace", type=float, default=2.0)
    parser.add_argument("--scratch")
    for name in ("--seconds", "--memory-mb", "--processes", "--output-bytes"):
        parser.add_argument(name, type=float, default=NO_LIMIT)
    parser.add_argument("argv", nargs="+")
    limits = parser.parse_args()
    deadline = time.monotonic() + limits.seconds
    counted = min(limits.memory_mb, limits.processes) < NO_LIMIT
    events: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in {"SIGINT", "SIGHUP", "SIGBREAK"} & set(dir(signal)):
        signal.signal(getattr(signal, name), lambda *_: None)  # argv would inherit SIG_IGN
    signal.signal(signal.SIGTERM, lambda *_: events.put("owner"))
    try:
        child = start(limits, popen)
    except OSError as error:
        remove(limits.remove)
        return tell(error=f"{limits.argv[0]}: {error.strerror}")
    tell(pid=child.pid, supervisor=os.getpid())

    def watch(event: str, wait: Callable[..., object], *args: object) -> threading.Thread:
        def report() -> None:
            if wait(*args) is not None:
                events.put(event)

        thread = threading.Thread(target=report, daemon=True)
        thread.start()
        return thread

    watch("owner", os.read, 0, 1)
    last = [watch("exit", child.wait), watch("output", copy_output, child.stdout, limits)]
    why, pace = "", 0.05 if counted else 1.0
    pause = pace
    while not why:
        left = max(0.0, deadline - time.monotonic())
        try:
            why = events.get(timeout=min(left, pause))
        except queue.Empty:
            began, tree = time.process_time(), find_living(child.pid) if counted else {}
            pause = max(pace, min(0.25, 10 * (time.process_time() - began)))  # a tenth of the time
            room = limits.memory_mb * 2**20
            if left == 0:
                why = "seconds"
            elif POSIX and os.getppid() != owner:
                why = "owner"
            elif len(tree) > limits.processes:
                why = "processes"
            elif len(tree) > limits.processes / 4:
                give_way(tree)
            elif sum(tree.values()) > room and share_out(tree) > room:
                why = "memory"
    if why != "exit" and limits.grace > 0:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(limits.grace)
    patience = time.monotonic() + (0.3 if why == "exit" else 0)
    while (tree := find_living(child.pid, True)) and time.monotonic() < patience:
        time.sleep(0.01)
    end_all(child.pid)
    remove(limits.remove)
    for thread in last:
        thread.join(2)
    if why == "exit" and "output" in [events.get() for _ in range(events.qsize())]:
        why = "output"
    tell(ended=why, code=child.returncode, left=len(tree))
    if POSIX and os.getppid() != owner:
        remove(limits.scratch)


if __name__ == "__main__":
    main()
