"""The load client sends what it says, counts what comes back, and marks what it measured."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

import nbformat
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from workbook.load import Report, closed_loop, measured, most_at_once, open_loop

MASK = re.compile(r"≈\s*[-+0-9.,]+")  # what the sanitiser of the notebooks' tests hides

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request with ``reply(self, number)``; ``None`` drops the connection."""

    def __init__(self, reply: Callable[[Server, int], Awaitable[bytes | None]]) -> None:
        self.reply, self.requests, self.connections, self.now, self.most = reply, 0, 0, 0, 0
        self.seen: list[bytes] = []
        self.crowded = asyncio.Event()
        self.url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.seen.append(await reader.readuntil(b"\r\n\r\n"))
                self.requests += 1
                self.now += 1
                self.most = max(self.most, self.now)
                answer = await self.reply(self, self.requests)
                self.now -= 1
                if answer is None:
                    return writer.transport.abort()
                writer.write(answer)
                if b"close" in answer or not answer.startswith(b"HTTP/1.1"):
                    return writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()


@asynccontextmanager
async def serving(reply: Callable[[Server, int], Awaitable[bytes | None]]) -> AsyncIterator[Server]:
    """Run a server in this loop."""
    server = Server(reply)
    running = await asyncio.start_server(server._serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    yield server
    running.close()


def always(answer: bytes | None) -> Callable[[Server, int], Awaitable[bytes | None]]:
    """Return a reply that is always the same."""

    async def reply(server: Server, number: int) -> bytes | None:
        return answer

    return reply


async def together(server: Server, number: int) -> bytes:
    """Answer only once eight requests are in flight at the same time."""
    if server.requests == 8:
        server.crowded.set()
    await server.crowded.wait()
    return OK


def run(
    reply: Callable[[Server, int], Awaitable[bytes | None]],
    loop: Callable[..., Awaitable[Report]] = closed_loop,
    path: str = "",
    **options: Any,
) -> tuple[Report, Server]:
    """Put load on a server; return the report, and the server with its counts."""

    async def both() -> tuple[Report, Server]:
        async with serving(reply) as server:
            return await loop(server.url + path, **options), server

    return asyncio.run(both())


# ---------------------------------------------------------------- what is sent


def test_a_closed_loop_keeps_that_many_requests_in_flight() -> None:
    report, server = run(together, concurrency=8, requests=8)
    assert (report.requests, report.errors) == (8, {})
    assert (server.requests, server.most) == (8, 8)


def test_a_closed_loop_waits_for_its_answers() -> None:
    report, server = run(always(OK), concurrency=3, requests=30)
    assert (server.requests, report.requests) == (30, 30)
    assert server.most <= 3
    assert server.connections == 3, "connections are kept"


def test_an_open_loop_does_not_wait_for_answers() -> None:
    report, server = run(together, open_loop, rate=40, seconds=0.5, warmup=0.0)
    assert (report.requests, report.errors) == (20, {})
    assert server.most >= 8


def test_warm_up_is_load_that_is_not_counted() -> None:
    report, server = run(always(OK), open_loop, rate=40, seconds=0.5, warmup=0.5)
    assert report.requests == 20
    assert server.requests == 40
    report, server = run(always(OK), concurrency=2, requests=5, warmup=0.2)
    assert report.requests == 5
    assert server.requests > 5
    report, server = run(always(OK), concurrency=2, seconds=0.2)
    assert 0 < report.requests < server.requests, "half a second of it, by default"


def test_a_path_and_a_query_are_asked_for() -> None:
    _, server = run(always(OK), path="/slow?n=1", concurrency=1, requests=1)
    host = server.url.removeprefix("http://")
    assert server.seen == [f"GET /slow?n=1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()]


# ---------------------------------------------------------------- what comes back


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (OK, True),
        (b"HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (CHUNKED + b"2\r\nok\r\n0\r\n\r\n", True),
        (CHUNKED + b"A;x=1\r\n0123456789\r\n0\r\nx: y\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", False),
        (b"HTTP/1.1 200 OK\r\nX: close\r\n\r\nuntil the end", False),
    ],
)
def test_every_way_to_end_an_answer_is_understood(answer: bytes, kept: bool) -> None:
    report, server = run(always(answer), concurrency=1, requests=4)
    assert (report.requests, report.errors) == (4, {})
    assert server.connections == (1 if kept else 4)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "status 503"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "status 404"),
        (None, "reset"),
        (b"HTTP/1.1 200 OK\r\nX: close\r\nContent-Length: 9\r\n\r\nok", "reset"),
        (b"HTTP/1.1 200 OK\r\nX: close\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok", "reset"),
        (b"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n", "ValueError"),
    ],
)
def test_errors_are_counted_by_kind(answer: bytes | None, kind: str) -> None:
    report, _ = run(always(answer), concurrency=2, requests=6)
    assert (report.requests, report.errors, report.rate) == (6, {kind: 6}, 0)
    assert report.p50 != report.p50, "no latency of what failed"


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    async def never(server: Server, number: int) -> None:
        await asyncio.sleep(600)

    report, _ = run(never, concurrency=2, requests=2, patience=0.2)
    assert report.errors == {"timeout": 2}


def test_nobody_there_is_refused() -> None:
    async def nobody() -> Report:
        async with serving(always(OK)) as server:
            pass
        return await closed_loop(server.url, concurrency=1, requests=3)

    assert asyncio.run(nobody()).errors == {"refused": 3}


def test_successes_and_errors_are_told_apart() -> None:
    async def every_other(server: Server, number: int) -> bytes:
        return OK if number % 2 else b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"

    report, _ = run(every_other, concurrency=1, requests=10)
    assert report.errors == {"status 500": 5}
    assert report.rate == pytest.approx(5 / report.seconds)
    assert 0 < report.p50 <= report.p90 <= report.p99 <= report.max <= report.seconds


def test_an_idle_connection_that_the_server_closes_is_no_error() -> None:
    async def hang_up(server: Server, number: int) -> bytes | None:
        silent = number % 3 == 2  # the second of a connection: as if closed before it came
        return None if silent else OK

    report, server = run(hang_up, concurrency=1, requests=4)
    assert (report.requests, report.errors) == (4, {})
    assert server.connections > 1


def test_an_answer_that_breaks_off_is_an_error_on_any_connection() -> None:
    async def break_off(server: Server, number: int) -> bytes:
        return OK if number % 2 else b"HTTP/1.1 200 OK\r\nX: close\r\nContent-Length: 9\r\n\r\n"

    report, server = run(break_off, concurrency=1, requests=4)
    assert (report.errors, server.requests) == ({"reset": 2}, 4)


# ---------------------------------------------------------------- what is measured

#: A server whose first answer holds up all others for half a second.
STALLING = """
import socket, threading, time
lock, stalls = threading.Lock(), [0.5]
def serve(sock):
    while sock.recv(4096):
        with lock:
            time.sleep(stalls.pop() if stalls else 0)
        sock.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
listener = socket.create_server(("127.0.0.1", 0))
print("http://127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
"""


def test_only_the_open_loop_sees_all_that_waited() -> None:
    reports = []
    for loop in (
        lambda url: closed_loop(url, concurrency=1, requests=200),
        lambda url: open_loop(url, rate=200, seconds=1.0, warmup=0.0),
    ):
        command = [sys.executable, "-c", STALLING]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            try:
                reports.append(asyncio.run(loop(server.stdout.readline().strip())))
            finally:
                server.kill()  # or leaving the block would wait for it for ever
    closed, opened = reports
    assert closed.max > 0.4, "one request met the stall"
    assert opened.max > 0.4
    met = (closed.p90 > 0.2, opened.p90 > 0.2)
    assert met == (False, True), "of two hundred requests, a hundred were due while it lasted"


def test_open_loop_latency_counts_from_when_a_request_was_due() -> None:
    report, _ = run(always(OK), open_loop, rate=10_000, seconds=0.2, warmup=0.0, patience=600.0)
    assert (report.requests, report.errors) == (2000, {})
    last_due = 1999 / 10_000
    assert report.max >= report.seconds - last_due - 1e-6, "the client being late counts too"


def test_a_report_is_told_with_every_number_marked() -> None:
    report, _ = run(always(OK), concurrency=1, requests=1)
    report = replace(report, client_cpu=0.1)  # one request is over too soon to tell
    assert report.p50 == report.p90 == report.p99 == report.max <= report.seconds
    assert repr(report) == report.summary()
    masked = MASK.sub("#", report.summary())
    assert masked == (
        "closed loop: # requests in # s, # successes a second; errors: none\n"
        "latency: p50 # ms, p90 # ms, p99 # ms, max # ms"
    )


def test_a_client_that_was_too_slow_says_so() -> None:
    numbers = {"p50": 1.0, "p90": 1.0, "p99": 1.0, "max": 1.0, "seconds": 1.0, "rate": 1.0}
    for cpu, told in ((0.95, True), (0.5, False)):
        report = Report(loop="x", requests=1, errors={"reset": 2}, client_cpu=cpu, **numbers)
        assert ("The client was the bottleneck" in report.summary()) is told
        assert "errors: reset ≈ 2" in report.summary()


def test_a_report_tells_how_busy_the_client_was() -> None:
    report, _ = run(always(OK), concurrency=1, seconds=0.3, warmup=0.0)
    assert 0 < report.client_cpu < 1.2


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (1.0349, {}, "≈ 1.03 s"),
        (0.000123456, {}, "≈ 0.000123 s"),
        (27123.4, {"unit": "requests/s"}, "≈ 27,100 requests/s"),
        (0, {}, "≈ 0.00 s"),
        (-2.5, {"unit": "%", "digits": 1}, "≈ -2 %"),
        (19, {"unit": "", "digits": 2}, "≈ 19"),
        (9.999, {}, "≈ 10.0 s"),
        (1.5, {"width": 8}, "≈     1.50 s"),
        (float("nan"), {"width": 4}, "≈    - s"),
        (float("inf"), {}, "≈ - s"),
    ],
)
def test_a_measured_value_is_written_with_its_digits(
    value: float, options: dict[str, Any], text: str
) -> None:
    assert measured(value, **options) == text


@given(st.floats(-1e15, 1e15), st.integers(1, 6), st.integers(0, 12))
def test_the_mask_hides_a_measured_value_and_nothing_else(
    value: float, digits: int, width: int
) -> None:
    assert MASK.sub("#", f"took {measured(value, 's', digits, width=width)}.") == "took # s."


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=20))
def test_spans_at_once_are_counted(drawn: list[tuple[int, int]]) -> None:
    spans = [(float(start), float(start + length)) for start, length in drawn]
    moments = [start + 0.5 for start, _ in spans]
    expected = max((sum(a < at < b for a, b in spans) for at in moments), default=0)
    assert most_at_once(spans) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "https://127.0.0.1:1", "requests": 1}, "plain HTTP/1.1; it cannot ask for 'https"),
        ({"url": "http://x", "requests": 1, "seconds": 1}, "either requests=... or seconds=..."),
        ({"url": "http://x"}, "either requests=... or seconds=..."),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        asyncio.run(closed_loop(concurrency=1, **options))


# ---------------------------------------------------------------- nothing stays behind


def test_an_interrupted_run_leaves_no_client() -> None:
    before = set(psutil.Process().children())

    async def interrupted() -> None:
        async with serving(together) as server:
            task = asyncio.create_task(closed_loop(server.url, concurrency=8, seconds=600))
            await server.crowded.wait()
            assert set(psutil.Process().children()) - before
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(interrupted())
    assert set(psutil.Process().children()) == before


@pytest.mark.needs_unix
def test_the_client_ends_with_its_owner() -> None:
    code = """
import asyncio, os, psutil
from workbook import load
async def main():
    task = asyncio.create_task(load.open_loop("http://127.0.0.1:9", rate=1, seconds=600))
    while not (children := psutil.Process().children()):
        await asyncio.sleep(0.01)
    print(children[0].pid, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    owner = [sys.executable, "-c", code]  # whose stderr the client has: no pipe, to wait for
    done = subprocess.run(owner, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    pid, deadline = int(done.stdout), time.monotonic() + 60
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.02)
    assert not psutil.pid_exists(pid)


# ---------------------------------------------------------------- in a notebook


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[Any]]:
    """Run a small notebook, as the tests do and live; return the outputs of its cells."""
    cells = {
        "bars": "load.bars({'uvicorn': 1234.5, 'sync': 19.2}, title='At once', unit='requests/s')",
        "lines": "load.lines([1, 8], {'uvicorn': [19, 156], 'sync': [19, 19]},"
        " title='Throughput', xlabel='clients', unit='requests/s')",
        "quiet": "await load.open_loop('http://127.0.0.1:9', rate=5, seconds=1)",
        "live": "import os; os.environ['WORKBOOK_RECORD'] = '1'\n"
        "await load.open_loop('http://127.0.0.1:9', rate=5, seconds=1)",
        "after": "import sys, ipywidgets; 'matplotlib.pyplot' in sys.modules",
    }
    sources = ["from workbook import load", *cells.values()]
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    done: list[list[Any]] = [cell.outputs for cell in notebook.cells[1:]]
    return dict(zip(cells, done, strict=True))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bars", "uvicorn  # requests/s\nsync     # requests/s\n"),
        (
            "lines",
            "clients                uvicorn                   sync\n"
            "      1  # requests/s  # requests/s\n"
            "      8  # requests/s  # requests/s\n",
        ),
    ],
)
def test_a_plot_stands_beside_its_numbers(
    outputs: dict[str, list[Any]], name: str, text: str
) -> None:
    from matplotlib.image import imread

    printed, drawn = outputs[name]
    assert MASK.sub("#", printed.text) == text
    assert drawn.metadata["image/png"]["alt"].endswith("The numbers are printed above the plot.")
    assert drawn.data["text/plain"] == "<IPython.core.display.Image object>"
    pixels = imread(BytesIO(base64.b64decode(drawn.data["image/png"])), format="png")
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.min() > 0.9, "a light card, opaque to its corners"


def test_a_plot_leaves_pyplot_alone(outputs: dict[str, list[Any]]) -> None:
    assert outputs["after"][0].data["text/plain"] == "False"


def test_progress_is_shown_in_a_live_notebook_only(outputs: dict[str, list[Any]]) -> None:
    quiet, live = outputs["quiet"], outputs["live"]
    assert [output.output_type for output in quiet] == ["execute_result"]
    assert MASK.sub("#", quiet[0].data["text/plain"]).startswith("open loop: # requests in # s")
    view, result = live
    assert list(view.data) == ["application/vnd.jupyter.widget-view+json"]
    assert result.output_type == "execute_result"
