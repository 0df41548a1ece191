"""Put load on a server, say honestly what was measured, and plot it.

The client is a bare keep-alive HTTP/1.1 client in a process of its own (this file, run as a
script): httpx manages some hundreds of requests a second, and would be what is measured.

- A **closed loop** keeps a number of requests in flight: each sender waits for its answer. When the
  server stalls, so do the senders, and the requests that would have met the stall are never sent
  (*coordinated omission*): it measures capacity, and flatters latency.
- An **open loop** sends at a rate, whatever comes back, and counts latency from the moment at which
  a request was due, as users do, who do not wait for one another.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit


def measured(value: float, unit: str = "s", digits: int = 3, *, width: int = 0) -> str:
    """Return a measured value with the mark that tells the tests not to compare it: ``≈ 1.03 s``.

    ``digits`` are significant; ``width`` is that of the number, for columns. NaN is a dash.
    """
    number = "-"
    if math.isfinite(value):
        places = digits - 1 - int(f"{value:.{digits - 1}e}".split("e")[1])
        number = f"{round(value, places):,.{max(places, 0)}f}"
    return f"≈ {number:>{width}} {unit}".rstrip()


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """Return how many (start, end) spans overlapped at most: concurrency, by counting.

    ``time.monotonic`` is one clock for all processes of a machine, so that the spans may come from
    several workers. A span that starts as another ends does not overlap it.
    """
    now = most = 0
    for _, step in sorted(step for start, end in spans for step in ((start, 1), (end, -1))):
        now += step
        most = max(most, now)
    return most


@dataclass(frozen=True, repr=False)
class Report:
    """What one run measured, in seconds, its warm-up left out.

    ``p50`` to ``max`` are latencies of the successful requests (NaN without any), ``errors`` counts
    the others by kind: refused, reset, timeout, ``status 503``. ``seconds`` is from the first start
    to the last end, ``rate`` successes a second. ``client_cpu`` is the part of one processor core
    that the client used: near 1, the client was measured and not the server.
    """

    loop: str
    requests: int
    errors: dict[str, int]
    seconds: float
    rate: float
    p50: float
    p90: float
    p99: float
    max: float
    client_cpu: float

    def summary(self) -> str:
        """Return two or three lines of text, in which all that varies between runs is marked."""
        errors = ", ".join(f"{kind} {measured(n, '')}" for kind, n in self.errors.items())
        ranks = {"p50": self.p50, "p90": self.p90, "p99": self.p99, "max": self.max}
        text = (
            f"{self.loop}: {measured(self.requests, 'requests')} in {measured(self.seconds)}, "
            f"{measured(self.rate, 'successes a second')}; errors: {errors or 'none'}\nlatency: "
            + ", ".join(f"{name} {measured(1000 * t, 'ms')}" for name, t in ranks.items())
        )
        bound = "\nThe client was the bottleneck: the server can do more than this says."
        return text + (bound if self.client_cpu > 0.8 else "")

    __repr__ = summary  # so that a cell may end with a report


async def closed_loop(
    url: str,
    *,
    concurrency: int,
    requests: int | None = None,
    seconds: float | None = None,
    warmup: float | None = None,
    patience: float = 10.0,
) -> Report:
    """Keep ``concurrency`` requests in flight, for a number of requests or of seconds.

    ``url`` is asked for with GET. ``warmup`` is in seconds: 0.5 if None, but none where
    ``requests`` is given. A request that takes more than ``patience`` seconds is an error.
    """
    if (requests is None) == (seconds is None):
        raise ValueError("closed_loop needs either requests=... or seconds=...")
    warmup = warmup if warmup is not None else 0.0 if requests else 0.5
    plan = {"url": url, "concurrency": concurrency, "requests": requests, "seconds": seconds}
    return await _run("closed loop", {**plan, "warmup": warmup, "patience": patience})


async def open_loop(
    url: str, *, rate: float, seconds: float, warmup: float = 0.5, patience: float = 10.0
) -> Report:
    """Send ``rate`` requests a second, evenly, whether answers come back or not.

    Latency counts from when a request was due. For the other parameters see ``closed_loop``.
    """
    plan = {"url": url, "rate": rate, "seconds": seconds, "warmup": warmup, "patience": patience}
    return await _run("open loop", plan)


async def _run(loop: str, plan: Mapping[str, Any]) -> Report:
    """Run the client in a process of its own, and let no interrupt leave it behind."""
    if urlsplit(plan["url"]).scheme != "http":
        raise ValueError(f"load speaks plain HTTP/1.1; it cannot ask for {plan['url']!r}")
    pipe = subprocess.PIPE
    command = [sys.executable, "-I", __file__, json.dumps(plan)]
    client = subprocess.Popen(  # noqa: ASYNC220 (milliseconds)
        command, stdin=pipe, stdout=pipe, start_new_session=True
    )
    assert client.stdout
    show, close = _progress_bar()
    try:
        while line := await asyncio.to_thread(client.stdout.readline):
            told = json.loads(line)
            if "done" not in told:
                return Report(loop=loop, **told)
            show(told["done"])
        raise RuntimeError(f"the load client ended early, with exit code {client.wait()}")
    finally:
        client.kill()
        client.communicate()
        close()


def _progress_bar() -> tuple[Callable[[float], None], Callable[[], None]]:
    """Return how to show progress, and how to end; only a live notebook sees any of it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel") or os.environ.get("WORKBOOK_RECORD") == "0":
        return lambda done: None, lambda: None
    from IPython.display import display
    from ipywidgets import FloatProgress

    bar = FloatProgress(max=1.0)
    view = {"version_major": 2, "version_minor": 0, "model_id": bar.model_id}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)  # type: ignore[no-untyped-call]
    return lambda done: setattr(bar, "value", done), bar.close


class _Client:
    """GETs one URL over kept-alive connections, at most 500 of them."""

    def __init__(self, url: str, patience: float) -> None:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        self.place, self.patience = (parts.hostname, parts.port or 80), patience
        self.slots = asyncio.Semaphore(500)
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self) -> str:
        """Return "" for a success, else the kind of error."""
        try:
            async with asyncio.timeout(self.patience), self.slots:
                status = await self._exchange()
        except TimeoutError:
            return "timeout"
        except ConnectionRefusedError:
            return "refused"
        except (ConnectionError, EOFError):
            return "reset"
        except (OSError, ValueError, asyncio.LimitOverrunError) as error:
            return type(error).__name__
        return f"status {status}" if status >= 400 else ""

    async def _exchange(self) -> int:
        reused = bool(self.idle)
        reader, writer = self.idle.pop() if reused else await asyncio.open_connection(*self.place)
        head = b""
        try:
            writer.write(self.request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            keep = b"\nconnection: close" not in head and not head.startswith(b"http/1.0")
            if b"\ntransfer-encoding: chunked" in head:
                while size := int((await reader.readuntil(b"\n")).split(b";")[0], 16):
                    await reader.readexactly(size + 2)
                while await reader.readuntil(b"\n") != b"\r\n":
                    pass
            elif length := re.search(rb"\ncontent-length: *(\d+)", head):
                await reader.readexactly(int(length[1]))
            elif head[9:12] not in (b"204", b"304"):
                await reader.read()
                keep = False
        except BaseException as error:
            writer.close()
            stale = isinstance(error, ConnectionError) or getattr(error, "partial", None) == b""
            if reused and stale and not head:  # the server had closed an idle connection
                return await self._exchange()
            raise
        self.idle.append((reader, writer)) if keep else writer.close()
        return int(head[9:12])


async def _measure(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out a plan; tell of progress on stdout."""
    client, clock = _Client(plan["url"], plan["patience"]), time.perf_counter
    start, cpu = clock(), time.process_time()
    first = start + plan["warmup"]
    last = first + (plan["seconds"] or math.inf)
    limit, sent = plan.get("requests") or math.inf, 0
    results: list[tuple[float, float, str]] = []  # when due, when done, the kind of error

    async def send(due: float, counted: bool) -> None:
        error = await client.get()
        if counted:
            results.append((due, clock(), error))

    async def keep_sending() -> None:
        nonlocal sent
        while sent < limit and (due := clock()) < last:
            sent += due >= first
            await send(due, due >= first)

    async def send_at(rate: float) -> None:
        async with asyncio.TaskGroup() as sending:
            for number in range(round(rate * (plan["warmup"] + plan["seconds"]))):
                due = start + number / rate
                await asyncio.sleep(max(0.0, due - clock()))
                sending.create_task(send(due, number >= round(rate * plan["warmup"])))

    async def tell() -> None:
        while True:
            done = len(results) / limit or (clock() - start) / (last - start)
            print(json.dumps({"done": min(done, 1.0)}), flush=True)
            await asyncio.sleep(0.2)

    telling = asyncio.create_task(tell())
    if "rate" in plan:
        await send_at(plan["rate"])
    else:
        await asyncio.gather(*(keep_sending() for _ in range(plan["concurrency"])))
    telling.cancel()
    cpu = (time.process_time() - cpu) / (clock() - start)
    ended = max((end for _, end, _ in results), default=math.nan)
    seconds = ended - min((due for due, _, _ in results), default=first)
    times = sorted(end - due for due, end, error in results if not error)

    def rank(part: float) -> float:
        return times[math.ceil(part * len(times)) - 1] if times else math.nan

    return {
        "requests": len(results),
        "errors": dict(Counter(error for *_, error in results if error)),
        "seconds": seconds,
        "rate": len(times) / seconds,
        **{f"p{percent}": rank(percent / 100) for percent in (50, 90, 99)},
        "max": rank(1.0),
        "client_cpu": cpu,
    }


def bars(values: Mapping[str, float], *, title: str, unit: str) -> None:
    """Draw a bar for each value; print the values, marked, as its text alternative."""
    for label, value in values.items():
        print(f"{label:<{max(map(len, values))}}  {measured(value, unit, width=8)}")
    with _card(title, 1.0 + 0.4 * len(values)) as axes:
        drawn = axes.barh(list(values), list(values.values()), color="#1f5fa8")
        axes.bar_label(drawn, [measured(value, "") for value in values.values()], padding=4)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.15 * max(values.values()))
        axes.set_xlabel(unit)


def lines(
    x: Sequence[float], series: Mapping[str, Sequence[float]], *, title: str, xlabel: str, unit: str
) -> None:
    """Draw a line for each series over ``x``; print the values, marked, as its text alternative."""
    wide = max(map(len, [measured(1, unit, width=8), *series]))
    print("  ".join([xlabel, *(f"{name:>{wide}}" for name in series)]))
    for at, *row in zip(x, *series.values(), strict=True):
        cells = (f"{measured(value, unit, width=8):>{wide}}" for value in row)
        print("  ".join([f"{at:>{len(xlabel)}g}", *cells]))
    with _card(title, 3.4) as axes:
        looks = zip(cycle("os^Dv"), cycle(["#1f5fa8", "#a8481f", "#2a7a3b", "#7a3b9e"]))
        for (name, values), (marker, color) in zip(series.items(), looks, strict=False):
            axes.plot(x, values, marker=marker, color=color, label=name)
        axes.set(xticks=x, xlabel=xlabel, ylabel=unit)
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False)


@contextmanager
def _card(title: str, height: float) -> Iterator[Any]:
    """Give axes on a solid light card, readable on a light and on a dark page, and show it."""
    from io import BytesIO

    import matplotlib.style
    from IPython.display import Image, display
    from matplotlib.figure import Figure

    with matplotlib.style.context("default"):
        figure = Figure(figsize=(7, height), dpi=110, layout="constrained", facecolor="#fcfcf9")
        axes = figure.subplots()
        axes.set_facecolor("none")
        axes.set_title(title, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        yield axes
        figure.savefig(picture := BytesIO(), format="png")
    alt = f"{title}. The numbers are printed above the plot."
    display(Image(picture.getvalue(), alt=alt))  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
    print(json.dumps(asyncio.run(_measure(json.loads(sys.argv[1])))), flush=True)
