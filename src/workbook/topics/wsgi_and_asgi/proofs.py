"""The proofs of chapter 05: each runs the real server or library and returns what it observed.

A proof is shown to learners by *Show me*, so each can be read alone: its application stands in it,
unless it is ``SLOW``. What is counted or ordered is returned; nothing depends on how fast the
machine is, beyond waits that are long beside what they wait for.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

import httpx

from workbook import systems
from workbook.processes import ProcessFailed
from workbook.sandbox import proof

#: One slow application, three times; each call answers when it began and when it ended.
SLOW = """
import asyncio, os, time

seconds = float(os.environ.get("SECONDS", "0.5"))


def wsgi(environ, start_response):
    began = time.monotonic()
    time.sleep(seconds)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{began} {time.monotonic()}".encode()]


async def waits(scope, receive, send):
    await reply(scope, send, asyncio.sleep)


async def blocks(scope, receive, send):
    async def sleep(seconds):
        time.sleep(seconds)

    await reply(scope, send, sleep)


async def reply(scope, send, sleep):
    if scope["type"] != "http":
        raise RuntimeError(f"unsupported scope {scope['type']}")
    began = time.monotonic()
    await sleep(seconds)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{began} {time.monotonic()}".encode()})
"""


# --- what several proofs need ---------------------------------------------------------------------


def at_once(url: str, count: int, **client: Any) -> list[httpx.Response]:
    """Send so many GET requests at the same time; return the responses."""

    async def send() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=count)
        async with httpx.AsyncClient(timeout=30, limits=limits, **client) as http:
            return list(await asyncio.gather(*(http.get(url) for _ in range(count))))

    return asyncio.run(send())


def most_in_flight(responses: Iterable[httpx.Response]) -> int:
    """Count, from the times in the responses of SLOW, how many calls ran at the same time."""
    spans = [tuple(map(float, response.text.split())) for response in responses]
    return max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans)


def eventually(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait until a condition holds; return its value, or the last one after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def printed(site: systems.Site, pattern: str) -> list[str]:
    """Return what the application printed, in order: the parts of the log that match."""
    return re.findall(pattern, site.log_text(), re.MULTILINE)


def listing(question: str) -> list[str]:
    """Return the lines of a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    text: str = next(entry["listing"] for entry in entries if entry["id"] == question)
    return text.splitlines()


def get(url: str, **how: Any) -> Any:
    """Return the status of a GET, or the name of the exception that the client got."""
    try:
        return httpx.get(url, timeout=20, **how).status_code
    except httpx.TransportError:
        return "no answer"


# --- warm-up --------------------------------------------------------------------------------------


@proof("asyncio")
def results_of_gather() -> Any:
    """Two coroutines, the slower one first."""
    done = []

    async def job(name: str, seconds: float) -> str:
        await asyncio.sleep(seconds)
        done.append(name)
        return name

    async def both() -> list[str]:
        return list(await asyncio.gather(job("slow", 0.3), job("quick", 0.01)))

    return asyncio.run(both()), done


@proof("concurrent.futures")
def sleeping_threads() -> Any:
    """Four threads that sleep: how many do so at the same time?"""

    def nap(_: int) -> tuple[float, float]:
        began = time.monotonic()
        time.sleep(0.5)
        return began, time.monotonic()

    with ThreadPoolExecutor(max_workers=4) as pool:
        naps = list(pool.map(nap, range(4)))
    return max(sum(a <= moment < b for a, b in naps) for moment, _ in naps)


@proof("uvicorn")
def two_requests_on_one_connection() -> Any:
    """Send two requests on one HTTP/1.1 connection without waiting; read the answers."""
    systems.module(
        "pipeline",
        """
import asyncio

async def app(scope, receive, send):
    assert scope["type"] == "http"
    await asyncio.sleep(0.5 if scope["path"] == "/slow" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answer of " + scope["path"].encode()})
""",
    )
    with (
        systems.serve("pipeline:app") as site,
        socket.create_connection(("127.0.0.1", site.port)) as sock,
    ):
        sock.settimeout(10)
        for path in ("/slow", "/quick"):
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b""
        while len(order := re.findall(rb"answer of /(\w+)", received)) < 2:
            received += sock.recv(4096)
    return [name.decode() for name in order]


# --- WSGI by hand ---------------------------------------------------------------------------------


@proof("gunicorn")
def generator_runs_later() -> Any:
    """A server calls a WSGI application that is a generator function."""
    systems.module(
        "later",
        """
def application(environ, start_response):
    print("app: body of the function")
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"hello"

def watched(environ, start_response):
    result = application(environ, start_response)
    print("app: called")
    return result
""",
    )
    with systems.serve("later:watched", "gunicorn") as site:
        get(site.url)
        seen = printed(site, "app: (.*)")
    return seen[: seen.index("called")]


@proof("gunicorn")
def path_info() -> Any:
    """Ask for /café, and look at PATH_INFO."""
    systems.module(
        "path",
        """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [ascii(environ["PATH_INFO"]).encode()]
""",
    )
    with systems.serve("path:application", "gunicorn") as site:
        return httpx.get(f"{site.url}/caf%C3%A9").text.encode().decode("unicode_escape")[1:-1]


@proof("waitress")
def wsgi_faults() -> Any:
    """Repair all lines but one: without a right answer, that line is at fault."""
    repairs = {
        3: '    body = f"Hello, {name}!".encode()',
        4: '    length = ("Content-Length", str(len(body)))',
        6: '    start_response("200 OK", headers)',
        7: "    return [body]",
    }
    lines = listing("wsgi_faults")
    source = ""
    for spared in range(2, 8):
        repaired = [repairs.get(n, line) for n, line in enumerate(lines, 1) if n != spared]
        repaired.insert(spared - 1, lines[spared - 1])
        source += "\n".join(repaired).replace("application", f"without_{spared}") + "\n\n\n"
    source += "def application(environ, start_response):\n"
    source += "    return globals()[environ['PATH_INFO'][1:]](environ, start_response)\n"
    systems.module("faults", source)
    faulty = []
    with systems.serve("faults:application", "waitress") as site:
        for line in range(2, 8):
            try:
                answer = httpx.get(f"{site.url}/without_{line}?Zo%C3%AB", timeout=10)
                right = answer.status_code == 200 and answer.content == b"Hello, Zo%C3%AB!"
            except httpx.TransportError:
                right = False
            faulty += [] if right else [line]
    return faulty


# --- ASGI by hand ---------------------------------------------------------------------------------


@proof("uvicorn")
def asgi_scopes() -> Any:
    """Record the type of every scope that a server opens for one GET and one WebSocket."""
    import websockets.sync.client

    systems.module(
        "scopes",
        """
async def app(scope, receive, send):
    print("scope:", scope["type"])
    await receive()
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
    elif scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
""",
    )
    with systems.serve("scopes:app") as site:
        httpx.get(site.url)
        with websockets.sync.client.connect(site.url.replace("http", "ws")):
            pass
        return printed(site, r"scope: (\S+)")


@proof("uvicorn")
def unknown_scope() -> Any:
    """Open a WebSocket to an application that answers HTTP whatever it is asked."""
    import websockets.exceptions
    import websockets.sync.client

    systems.module(
        "hello",
        """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
""",
    )
    with systems.serve("hello:app") as site:
        try:
            with websockets.sync.client.connect(site.url.replace("http", "ws")) as channel:
                return channel.recv()
        except websockets.exceptions.InvalidStatus as error:
            return error.response.status_code


@proof("uvicorn")
def asgi_faults() -> Any:
    """Repair all lines but one: without a right answer, that line is at fault."""
    repairs = {
        6: '            "status": 200,',
        7: '            "headers": [(b"content-type", b"text/plain")],',
        9: '        first = {"type": "http.response.body", "body": b"Hello, ", "more_body": True}',
        11: '        await send({"type": "http.response.body", "body": b"world!"})',
    }
    lines = listing("asgi_faults")
    source = ""
    for spared in range(3, 12):
        repaired = [repairs.get(n, line) for n, line in enumerate(lines, 1) if n != spared]
        repaired.insert(spared - 1, lines[spared - 1])
        source += "\n".join(repaired).replace("def app", f"def without_{spared}") + "\n\n\n"
    source += "async def app(scope, receive, send):\n"
    source += "    if scope['type'] == 'lifespan': raise RuntimeError('unsupported scope')\n"
    source += "    await globals()[scope['path'][1:]](scope, receive, send)\n"
    systems.module("faults", source)
    faulty = []
    with systems.serve("faults:app") as site:
        for line in range(3, 12):
            try:
                answer = httpx.get(f"{site.url}/without_{line}", timeout=10)
                right = answer.status_code == 200 and answer.text == "Hello, world!"
            except httpx.TransportError:
                right = False
            faulty += [] if right else [line]
    return faulty


# --- eight slow requests --------------------------------------------------------------------------


@proof("uvicorn", "gunicorn")
def eight_slow_requests() -> Any:
    """Send eight slow requests at once to each set-up; count the most in flight."""
    systems.module("slow", SLOW)
    quick, slow = {"SECONDS": "0.1"}, {"SECONDS": "0.5"}
    most = {}
    with systems.serve("slow:wsgi", "gunicorn", env=quick) as site:
        most["sync"] = most_in_flight(at_once(site.url, 8))
    with systems.serve("slow:wsgi", "gunicorn", workers=2, env=slow) as site:
        most["two_sync"] = most_in_flight(at_once(site.url, 8))
    with systems.serve("slow:wsgi", "gunicorn-gthread", threads=4, env=slow) as site:
        most["gthread"] = most_in_flight(at_once(site.url, 8))
    with systems.serve("slow:waits", "uvicorn", env=slow) as site:
        most["awaits"] = most_in_flight(at_once(site.url, 8))
    with systems.serve("slow:blocks", "uvicorn", env=quick) as site:
        most["blocks"] = most_in_flight(at_once(site.url, 8))
    words = {1: "one", 2: "two", 4: "four", 8: "eight"}
    return {name: words.get(count, count) for name, count in most.items()}


@proof("gunicorn", "waitress")
def same_file_two_servers() -> Any:
    """Serve one WSGI file twice; send eight slow requests at once to each."""
    systems.module("slow", SLOW)
    with systems.serve("slow:wsgi", "gunicorn", env={"SECONDS": "0.1"}) as site:
        under_gunicorn = most_in_flight(at_once(site.url, 8))
    with systems.serve("slow:wsgi", "waitress", threads=8) as site:
        under_waitress = most_in_flight(at_once(site.url, 8))
    return [under_gunicorn, under_waitress]


@proof("fastapi", "uvicorn")
def thread_local_leak() -> Any:
    """Ada's request waits; Bob's comes in the meantime. What does each find in the thread-local?"""
    systems.module(
        "whoami",
        """
import asyncio, threading
from fastapi import FastAPI

app = FastAPI()
current = threading.local()
both_here = asyncio.Event()

@app.get("/{name}")
async def whoami(name: str):
    current.user = name
    print("here:", name)
    if name == "bob":
        both_here.set()
    await both_here.wait()  # stands for any await
    return current.user
""",
    )
    with systems.serve("whoami:app") as site, ThreadPoolExecutor() as pool:
        ada = pool.submit(httpx.get, f"{site.url}/ada", timeout=20)
        eventually(lambda: printed(site, "here: ada"))
        bob = pool.submit(httpx.get, f"{site.url}/bob", timeout=20)
        return [ada.result().json(), bob.result().json()]


# --- a blocking call in a coroutine ---------------------------------------------------------------


@proof("fastapi", "uvicorn")
def which_fixes_work() -> Any:
    """Eight requests at once to each version of an endpoint: which have more than one in flight?"""
    systems.module(
        "fixes",
        """
import asyncio, threading, time
import anyio
from fastapi import FastAPI

app = FastAPI()
lock, now, most = threading.Lock(), {}, {}

def query(version):
    with lock:
        now[version] = now.get(version, 0) + 1
        most[version] = max(most.get(version, 0), now[version])
    time.sleep(0.2)
    with lock:
        now[version] -= 1

@app.get("/plain_def")
def plain_def():
    query("plain_def")

@app.get("/to_thread")
async def to_thread():
    await anyio.to_thread.run_sync(query, "to_thread")

@app.get("/sleep_zero")
async def sleep_zero():
    await asyncio.sleep(0)
    query("sleep_zero")

@app.get("/wrapped")
async def wrapped():
    async def query_async():
        query("wrapped")
    await query_async()

@app.get("/task")
async def task():
    async def query_async():
        query("task")
    await asyncio.create_task(query_async())

@app.get("/most")
def report():
    return most
""",
    )
    with systems.serve("fixes:app") as site:
        for version in ("plain_def", "to_thread", "sleep_zero", "wrapped", "task"):
            at_once(f"{site.url}/{version}", 8)
        most = httpx.get(f"{site.url}/most").json()
    return [version for version, count in most.items() if count > 1]


@proof("fastapi", "uvicorn")
def forty_tokens() -> Any:
    """Send fifty requests at once to a `def` endpoint that waits; count the most in flight."""
    systems.module(
        "tokens",
        """
import threading, time
from fastapi import FastAPI

app = FastAPI()
lock, now, most = threading.Lock(), 0, 0

@app.get("/")
def slow():
    global now, most
    with lock:
        now += 1
        most = max(most, now)
    time.sleep(1.5)
    with lock:
        now -= 1

@app.get("/most")
async def report():
    return most
""",
    )
    with systems.serve("tokens:app") as site:
        at_once(site.url, 50)
        return httpx.get(f"{site.url}/most").json()


@proof("httpx", "uvicorn")
def which_lines_block() -> Any:
    """Run the listing; sample where the loop's thread stands (seconds for each line)."""
    import sys
    from threading import get_ident

    systems.module("slow", SLOW)
    with systems.serve("slow:waits", env={"SECONDS": "0.6"}) as site:
        names: dict[str, Any] = {"PRICES": site.url}
        exec(compile("\n".join(listing("which_lines_block")), "listing", "exec"), names)
        held: dict[int, float] = {}
        running, loop_thread = True, get_ident()

        def sample() -> None:
            while running:
                frame: FrameType | None = sys._current_frames()[loop_thread]
                while frame and frame.f_code.co_filename != "listing":
                    frame = frame.f_back
                began = time.monotonic()
                time.sleep(0.01)
                if frame:
                    held[frame.f_lineno] = held.get(frame.f_lineno, 0) + time.monotonic() - began

        async def watch() -> None:
            nonlocal running
            async with httpx.AsyncClient() as client:
                await client.get(site.url)
                sampler = Thread(target=sample)
                sampler.start()
                try:
                    await names["quote"]("ada", client)
                finally:
                    running = False
                    sampler.join()

        asyncio.run(watch())
    return sorted(line for line, seconds in held.items() if seconds >= 0.3)


@proof("anyio")
def cpu_in_threads() -> Any:
    """Count primes in two worker threads; watch processor time, and a heartbeat of the loop."""
    import anyio
    import anyio.to_thread

    def count_primes() -> int:
        return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, 100_000))

    beats = 0

    async def heartbeat() -> None:
        nonlocal beats
        while True:
            await anyio.sleep(0.01)
            beats += 1

    async def two_threads() -> None:
        async with anyio.create_task_group() as heart:
            heart.start_soon(heartbeat)
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.to_thread.run_sync, count_primes)
                group.start_soon(anyio.to_thread.run_sync, count_primes)
            heart.cancel_scope.cancel()

    clock, used = time.monotonic(), time.process_time()
    anyio.run(two_threads)
    cores = (time.process_time() - used) / (time.monotonic() - clock)
    return [
        "one core at most" if cores < 1.2 else "more than one core",
        "turns" if beats > 3 else "stands still",
    ]


# --- connections that stay open -------------------------------------------------------------------


@proof("gunicorn")
def held_threads() -> Any:
    """Hold four event streams open on a server with four threads; then ask for something small."""
    systems.module(
        "streams",
        """
import time

def application(environ, start_response):
    if environ["PATH_INFO"] == "/small":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"small"]
    start_response("200 OK", [("Content-Type", "text/event-stream")])
    return events()

def events():
    for number in range(1000):
        yield f"data: {number}\\n\\n".encode()
        time.sleep(0.1)
""",
    )
    with (
        systems.serve("streams:application", "gunicorn-gthread", threads=4) as site,
        httpx.Client(timeout=20) as http,
        contextlib.ExitStack() as open_streams,
    ):
        streams = [
            open_streams.enter_context(http.stream("GET", f"{site.url}/events")).iter_raw()
            for _ in range(4)
        ]
        assert all(next(stream).startswith(b"data:") for stream in streams)
        try:
            httpx.get(f"{site.url}/small", timeout=1.5)
            before = "at once"
        except httpx.ReadTimeout:
            before = "not while the streams are open"
        open_streams.close()
        return [before, httpx.get(f"{site.url}/small", timeout=20).text]


@proof("wsproto", "gunicorn")
def websocket_by_wsgi() -> Any:
    """Speak WebSocket from a WSGI application, on the socket that gunicorn hands it."""
    import websockets.sync.client

    systems.module(
        "outside",
        """
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, TextMessage

def application(environ, start_response):
    sock, ws = environ["gunicorn.socket"], WSConnection(ConnectionType.SERVER)
    headers = [(name[5:].replace("_", "-").encode(), value.encode())
               for name, value in environ.items() if name.startswith("HTTP_")]
    ws.initiate_upgrade_connection(headers, environ["PATH_INFO"])
    sock.sendall(ws.send(AcceptConnection()))
    while True:
        ws.receive_data(sock.recv(4096) or None)
        for event in ws.events():
            if isinstance(event, TextMessage):
                sock.sendall(ws.send(TextMessage(data=event.data.upper())))
            if isinstance(event, CloseConnection):
                sock.sendall(ws.send(event.response()))
                raise SystemExit
""",
    )
    with (
        systems.serve("outside:application", "gunicorn-gthread", threads=1) as site,
        websockets.sync.client.connect(site.url.replace("http", "ws")) as channel,
    ):
        channel.send("hello")
        answer = channel.recv(timeout=10)
        try:
            httpx.get(site.url, timeout=1)
            thread = "free"
        except httpx.ReadTimeout:
            thread = "taken"
    return [answer, thread]


@proof("starlette", "uvicorn")
def stream_leak() -> Any:
    """Serve the listing as a stream, let the client leave, and see which lines never ran."""
    text = "\n".join(listing("stream_leak"))
    systems.module(
        "leaky",
        f"""
import asyncio, sys
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

class Hub:
    open = True
    def subscribe(self):
        return self
    def unsubscribe(self, subscription):
        pass
    async def next_price(self):
        await asyncio.sleep(0.05)
        return 1

def trace(frame, event, argument):
    if frame.f_code.co_filename == "listing":
        print("ran line", frame.f_lineno)
        return trace

exec(compile({text!r}, "listing", "exec"))
sys.settrace(trace)

async def prices(request):
    return StreamingResponse(price_events(Hub()))

app = Starlette(routes=[Route("/", prices)])
""",
    )
    with systems.serve("leaky:app") as site:
        with httpx.stream("GET", site.url) as response:
            for number, _ in enumerate(response.iter_raw()):
                if number == 2:
                    break
        time.sleep(0.5)  # the generator is closed
        ran = {int(line) for line in printed(site, r"ran line (\d+)")}
    return sorted(set(range(1, text.count("\n") + 2)) - ran - {1})


# --- HTTP/2 ---------------------------------------------------------------------------------------


@proof("h2", "gunicorn", "hypercorn")
def h2_negotiated() -> Any:
    """Ask each server over TLS with a client that offers both versions; which choose HTTP/2?"""
    systems.module("slow", SLOW)
    servers: dict[str, dict[str, Any]] = {
        "uvicorn": {"app": "slow:waits", "server": "uvicorn", "tls": True},
        "hypercorn asgi": {"app": "slow:waits", "server": "hypercorn", "tls": True},
        "hypercorn wsgi": {
            "app": "slow:wsgi",
            "server": "hypercorn",
            "interface": "wsgi",
            "tls": True,
        },
        "gunicorn gthread": {"app": "slow:wsgi", "server": "gunicorn-gthread", "http2": True},
        "gunicorn sync": {"app": "slow:wsgi", "server": "gunicorn", "tls": True},
    }
    chosen = []
    for name, how in servers.items():
        with (
            systems.serve(**how, env={"SECONDS": "0"}) as site,
            httpx.Client(http2=True, verify=site.trust) as http,
        ):
            if http.get(site.url).http_version == "HTTP/2":
                chosen.append(name)
    return chosen


@proof("h2", "gunicorn")
def h2_streams_gthread() -> Any:
    """Eight requests at once, as eight streams of one HTTP/2 connection, to eight threads."""
    systems.module("slow", SLOW)
    with systems.serve(
        "slow:wsgi", "gunicorn-gthread", threads=8, http2=True, env={"SECONDS": "0.1"}
    ) as site:
        client = {"http1": False, "http2": True, "verify": site.trust}
        return most_in_flight(at_once(site.url, 8, **client))


# --- lifespan -------------------------------------------------------------------------------------


@proof("starlette", "uvicorn")
def lifespan_runs() -> Any:
    """Start three workers, make a few requests, stop; count how often the lifespan began."""
    systems.module(
        "life",
        """
from contextlib import asynccontextmanager
from starlette.applications import Starlette

@asynccontextmanager
async def lifespan(app):
    print("lifespan: begins")
    yield

app = Starlette(lifespan=lifespan)
""",
    )
    patience = ("--timeout-worker-healthcheck", "60")  # a slow worker is not replaced
    with systems.serve("life:app", workers=3, options=patience, seconds=50) as site:
        for _ in range(10):
            httpx.get(site.url, timeout=20)
        return len(printed(site, "lifespan: begins"))


@proof("uvicorn")
def state_is_copied() -> Any:
    """Three requests change what the lifespan put into the state; what does the third see?"""
    systems.module(
        "state",
        """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["count"] = 0
        scope["state"]["seen"] = []
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    state = scope["state"]
    state["count"] += 1
    state["seen"].append(scope["path"])
    body = str([state["count"], len(state["seen"])]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
""",
    )
    with systems.serve("state:app") as site:
        return [tuple(httpx.get(site.url).json()) for _ in range(3)][-1]


@proof("uvicorn")
def lifespan_refused() -> Any:
    """Serve an application that raises for every scope but HTTP, with the default options."""
    systems.module(
        "strict",
        """
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError(f"unsupported scope {scope['type']}")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
""",
    )
    statuses = []
    for options in ((), ("--lifespan", "on")):
        try:
            with systems.serve("strict:app", options=options) as site:
                statuses.append(get(site.url))
        except ProcessFailed:
            statuses.append("does not start")
    return statuses


# --- middleware -----------------------------------------------------------------------------------


@proof("starlette", "uvicorn")
def asgi_timer_lies() -> Any:
    """Put the usual timer around an application; see for which calls it prints something."""
    systems.module(
        "timed",
        """
import time
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def fine(request):
    return PlainTextResponse("fine")

async def broken(request):
    raise ValueError("broken")

routes = [Route("/fine", fine), Route("/broken", broken)]
"""
        + "\n".join([*listing("asgi_timer_lies"), "app = Timer(Starlette(routes=routes))"]),
    )
    with systems.serve("timed:app") as site:
        statuses = [get(f"{site.url}/fine"), get(f"{site.url}/broken")]
        assert statuses == [200, 500]
        site.stop()
        return printed(site, r"^(/\w+|lifespan)$")


@proof("gunicorn")
def wsgi_timer_lies() -> Any:
    """Time a WSGI generator with the usual timer; its clock moves only while the body is made."""
    systems.module(
        "timed",
        """
now = 0

def clock():
    return now

def report(environ, start_response):
    global now
    start_response("200 OK", [("Content-Type", "text/plain")])
    for _ in range(5):
        now += 1  # a second for each row
        yield b"row"

"""
        + "\n".join(listing("wsgi_timer_lies")),
    )
    with systems.serve("timed:timer", "gunicorn") as site:
        assert httpx.get(site.url).text == 5 * "row"
        return int(printed(site, r"^(\d+)$")[0])


@proof("starlette", "uvicorn")
def middleware_order() -> Any:
    """Add two middlewares, one after the other, and watch a request pass."""
    systems.module(
        "onion",
        """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

class Layer:
    def __init__(self, app, name):
        self.app, self.name = app, name

    async def __call__(self, scope, receive, send):
        print("step:", self.name + "_in")
        await self.app(scope, receive, send)
        print("step:", self.name + "_out")

async def endpoint(request):
    print("step:", "endpoint")
    return PlainTextResponse("hello")

app = Starlette(routes=[Route("/", endpoint)])
app.add_middleware(Layer, name="first")
app.add_middleware(Layer, name="second")
""",
    )
    with systems.serve("onion:app", options=("--lifespan", "off")) as site:
        httpx.get(site.url)
        return eventually(lambda: len(steps := printed(site, r"step: (\S+)")) == 5 and steps)


@proof("fastapi", "uvicorn")
def background_order() -> Any:
    """Answer with a background task behind a middleware; note who has finished when."""
    systems.module(
        "later",
        """
import asyncio
from fastapi import BackgroundTasks, FastAPI

web = FastAPI()

async def send_mail():
    await asyncio.sleep(0.5)
    print("step: task")

@web.get("/")
async def register(tasks: BackgroundTasks):
    print("step: endpoint")
    tasks.add_task(send_mail)

@web.get("/client-has-it")
async def client():
    print("step: client")

async def app(scope, receive, send):
    await web(scope, receive, send)
    if scope.get("path") == "/":
        print("step: middleware")
""",
    )
    with systems.serve("later:app") as site:
        httpx.get(site.url)  # it has the whole answer, and says so:
        httpx.get(f"{site.url}/client-has-it")
        return eventually(lambda: len(steps := printed(site, r"step: (\S+)")) == 4 and steps)


# --- the end of a request, and of a server --------------------------------------------------------

#: Waits for `SECONDS` before it answers; says what happens to it.
PATIENT = """
import asyncio, os, time

seconds = float(os.environ.get("SECONDS", "1"))


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        print("step: startup")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("step: shutdown")
        return await send({"type": "lifespan.shutdown.complete"})
    print("step: request")
    await asyncio.sleep(seconds)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})
    print("step: answered")


def wsgi(environ, start_response):
    print("step: request")
    time.sleep(seconds)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


def __getattr__(name):
    if name == "api":  # a FastAPI application around it, made only where it is asked for
        from fastapi import FastAPI

        globals()["api"] = FastAPI()
        api.mount("/", asgi)
        return api
    raise AttributeError(name)


print("step: import")
"""


def stopped_during_a_request(app: str, server: str, **how: Any) -> tuple[Any, list[str]]:
    """Stop a server (SIGTERM) while a request is in flight; give its outcome and the steps."""
    systems.module("patient", PATIENT)
    with systems.serve(f"patient:{app}", server, **how) as site, ThreadPoolExecutor() as pool:
        answer = pool.submit(get, site.url)
        eventually(lambda: "request" in printed(site, r"step: (\w+)"))
        site.stop()
        return answer.result(), printed(site, r"step: (\w+)")


@proof("uvicorn", "gunicorn", "hypercorn", "waitress", "daphne")
def who_finishes() -> Any:
    """Stop five servers with a request in flight; in which does the client get its answer?"""
    servers = {
        "uvicorn": "asgi",
        "gunicorn": "wsgi",
        "hypercorn": "asgi",
        "waitress": "wsgi",
        "daphne": "asgi",
    }
    outcomes = {name: stopped_during_a_request(app, name)[0] for name, app in servers.items()}
    return [name for name, outcome in outcomes.items() if outcome == 200]


@proof("fastapi", "uvicorn")
def sigterm_in_flight() -> Any:
    """Stop uvicorn during a request, without and with a limit on how long it may take."""
    patient, _ = stopped_during_a_request("api", "uvicorn")
    limit = ("--timeout-graceful-shutdown", "1")
    cut, _ = stopped_during_a_request("api", "uvicorn", options=limit, env={"SECONDS": "30"})
    return patient, cut


@proof("uvicorn")
def stop_order() -> Any:
    """Note every step of a worker's life, with a request in flight when it is told to stop."""
    return stopped_during_a_request("asgi", "uvicorn")[1]


@proof("starlette", "uvicorn")
def client_gone() -> Any:
    """Give up on a slow endpoint after 0.3 s; see what becomes of its coroutine."""
    systems.module(
        "slow_page",
        """
import asyncio
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def slow(request):
    try:
        print("step: began")
        await asyncio.sleep(1.5)
        print("step: finished")
        return PlainTextResponse("done")
    except asyncio.CancelledError:
        print("step: cancelled")
        raise

app = Starlette(routes=[Route("/", slow)])
""",
    )
    with systems.serve("slow_page:app") as site:
        with contextlib.suppress(httpx.ReadTimeout):
            httpx.get(site.url, timeout=0.3)
        eventually(lambda: len(printed(site, r"step: (\w+)")) == 2)
        return printed(site, r"step: (\w+)")[-1]


@proof("gunicorn")
def worker_timeout() -> Any:
    """A request of 3 s with --timeout 1: under the sync worker, then under threads."""
    systems.module("patient", PATIENT)
    outcomes = []
    for server in ("gunicorn", "gunicorn-gthread"):
        with systems.serve(
            "patient:wsgi", server, threads=1, options=("--timeout", "1"), env={"SECONDS": "3"}
        ) as site:
            outcomes.append("answered" if get(site.url) == 200 else "killed")
    return outcomes


# --- the chapter's quiz ---------------------------------------------------------------------------


#: What asks a server to go over from HTTP to WebSocket.
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@proof("uvicorn", "fastapi")
def plain_uvicorn() -> Any:
    """Open a WebSocket to a uvicorn without the libraries that only uvicorn[standard] brings."""
    for extra in ("websockets", "wsproto", "uvloop", "httptools"):
        sys.modules[extra] = None  # type: ignore[assignment]  # as if it were not installed
    import uvicorn
    from fastapi import FastAPI, WebSocket

    app = FastAPI()

    @app.websocket("/ws")
    async def chat(socket: WebSocket) -> None:
        await socket.accept()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical"))
        serving = Thread(target=server.run, args=([listener],))
        serving.start()
        port = listener.getsockname()[1]
        status = httpx.get(f"http://127.0.0.1:{port}/ws", headers=UPGRADE).status_code
        server.should_exit = True
        serving.join()
    return status


@proof("uvicorn")
def failure_outcomes() -> Any:
    """Four ASGI applications that end in four ways; what does the client see?"""
    systems.module(
        "endings",
        """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    path = scope["path"]
    if path == "/silent":
        return
    if path == "/before":
        raise ValueError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"first half", "more_body": True})
    if path == "/between":
        raise ValueError
    await send({"type": "http.response.body", "body": b", second half"})
    if path == "/after":
        raise ValueError
""",
    )
    with systems.serve("endings:app") as site:
        seen = {
            name: get(f"{site.url}/{name}") for name in ("before", "between", "after", "silent")
        }
    meaning = {200: "complete", 500: "error", "no answer": "broken"}
    return {name: meaning[outcome] for name, outcome in seen.items()}


@proof("uvicorn")
def backpressure() -> Any:
    """Send 128 MB to a client that reads nothing; how much does the application get rid of?"""
    systems.module(
        "flood",
        """
sent = 0

async def app(scope, receive, send):
    global sent
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/flood":
        for _ in range(2048):
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
            sent += 1
    await send({"type": "http.response.body", "body": str(sent).encode()})
""",
    )
    with systems.serve("flood:app") as site, httpx.stream("GET", f"{site.url}/flood"):
        counts = [int(httpx.get(f"{site.url}/sent").text)]
        while len(counts) < 2 or counts[-1] > counts[-2]:
            time.sleep(0.5)
            counts.append(int(httpx.get(f"{site.url}/sent").text))
    return "waits in send" if 0 < counts[-1] < 2048 else "sends all"
