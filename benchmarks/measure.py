"""What the benchmarks share: a row of the table, and repeated timing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison, made in one run: what, ours, the other, and ours divided by the other."""

    what: str
    ours: str
    other: str
    ratio: float


def compare(
    what: str, ours: float, name: str, other: float, shown: Callable[[float], str] | None = None
) -> Row:
    """Return the row that compares two measured values, times unless ``shown`` writes them."""
    write = shown or seconds
    return Row(what, write(ours), f"{name}: {write(other)}", ours / other)


def say(text: str) -> None:
    """Show progress."""
    print(text, file=sys.stderr, flush=True)


def seconds(value: float) -> str:
    """Write a time to two digits, in ms or s."""
    return f"{value * 1000:.2g} ms" if value < 0.1 else f"{value:.2f} s"


def size(count: float) -> str:
    """Write a number of bytes."""
    return f"{count:,.0f} B"


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that ``act`` takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def alternate(acts: Sequence[Callable[[], object]], times: int) -> list[float]:
    """Time several things in turn, so that a busy machine is busy for all; return the medians."""
    taken = [[timed(act) for act in acts] for _ in range(times)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def python(*arguments: str, **environment: str) -> None:
    """Run this Python on something, quietly."""
    command, env = [sys.executable, *arguments], os.environ | environment
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
