"""The checks of chapter 05's exercises: pytest functions that the sandbox runs on a learner's cell.

Each drives the learner's code through its protocol, with no server in between, and reports what it
saw through ``call``, so that a failure names the input, what was expected and what came. Checks
wait for events and count what runs at once; none depends on how fast the machine is.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import contextmanager, suppress
from typing import Any
from wsgiref.util import setup_testing_defaults

#: How long a check waits for something that a right solution does at once.
PATIENCE = 2.0
#: For an answer that has stood still, no later check waits so long: the last counts.
WAITS = [PATIENCE]

Message = dict[str, Any]


@contextmanager
def during(doing: str) -> Iterator[None]:
    """Say what was being done when the learner's code raised."""
    try:
        yield
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        came = f"{type(error).__name__}: {error}"
        raise AssertionError(f"{doing}: expected no exception, got {came}") from error


# --- WSGI by hand ---------------------------------------------------------------------------------


def wsgi(application: Callable[..., Iterable[bytes]], method: str, path: str, query: str | None):
    """Call a WSGI application as a server does; give status line, headers (lower case), body."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": ""}
    setup_testing_defaults(environ)  # the wsgi.* keys and the server's, which PEP 3333 requires
    if query is not None:
        environ["QUERY_STRING"] = query
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        assert exc_info or not started, (
            f"{doing}: expected one call of start_response(), got a second one"
        )
        kinds = {type(each) for header in headers for each in header}
        listed = type(headers) is list and {type(each) for each in headers} <= {tuple}
        told = f"{doing}, headers: expected a list of tuples of two str, got {headers!r}"
        assert listed and kinds <= {str}, told  # noqa: PT018
        names = [name.lower() for name, _ in headers]
        twice = sorted({name for name in names if names.count(name) > 1})
        assert not twice, f"{doing}, headers: expected each once, got {', '.join(twice)} twice"
        started.append((status, headers))
        return lambda data: parts.append(data)

    parts: list[Any] = []
    doing = f"{method} {path}{'' if query is None else '?' + query}"
    with during(f"{method} {path} with QUERY_STRING {'absent' if query is None else repr(query)}"):
        answer = application(environ, start_response)
        assert answer is not None, f"{method} {path}: expected the body, got None"
        for each in answer:
            assert started, f"{doing}: expected start_response() before the first part of the body"
            parts.append(each)
        if hasattr(answer, "close"):
            answer.close()
    for part in parts:
        if type(part) is not bytes:
            hint = " (iterating over bytes gives ints: return a list)" if type(part) is int else ""
            raise AssertionError(
                f"{method} {path}, parts of the body: expected bytes, "
                f"got {part!r} of type {type(part).__name__}{hint}"
            )
    assert started, f"{method} {path}: expected a call of start_response(), got none"
    status, headers = started[-1]
    return status, {name.lower(): value for name, value in headers}, b"".join(parts)


def greets_by_name(submission, call):
    """GET /hello?name=Ada greets Ada."""
    for query, body in [
        ("name=Ada", "Hello, Ada!"),
        ("lang=en&name=Grace+Hopper", "Hello, Grace Hopper!"),
        ("name=Alan&lang=en", "Hello, Alan!"),
        ("name=Zo%C3%AB", "Hello, Zo\u00eb!"),
        ("surname=Hopper&name=Grace", "Hello, Grace!"),
        ("name=R%26D%3D50%2525", "Hello, R&D=50%25!"),
    ]:
        status, headers, got = wsgi(submission.application, "GET", "/hello", query)
        call.observed(f"GET /hello?{query}: status", status).gives("200 OK")
        call.observed(f"GET /hello?{query}: body", got).gives(body.encode())
        kind = headers.get("content-type", "").replace(" ", "").replace('"', "").lower()
        call.observed(f"GET /hello?{query}: Content-Type", kind).gives("text/plain;charset=utf-8")


def greets_the_world_without_a_query(submission, call):
    """GET /hello greets the world, whether the query is empty or absent."""
    for name, query in [
        ("QUERY_STRING absent", None),
        ("QUERY_STRING empty", ""),
        ("QUERY_STRING 'lang=en'", "lang=en"),
        ("QUERY_STRING 'surname=Hopper'", "surname=Hopper"),
    ]:
        _, _, body = wsgi(submission.application, "GET", "/hello", query)
        call.observed(f"GET /hello, {name}: body", body.decode()).gives("Hello, world!")


def counts_bytes_not_characters(submission, call):
    """Content-Length is the number of bytes of the encoded body."""
    for query in ["name=Ada", "name=Zo%C3%AB"]:
        _, headers, body = wsgi(submission.application, "GET", "/hello", query)
        length = headers.get("content-length", "(no Content-Length header)")
        call.observed(f"GET /hello?{query}: Content-Length", length).gives(str(len(body)))


def refuses_other_methods(submission, call):
    """Other methods on /hello give 405, name the allowed method, and have an empty body."""
    for method in ["POST", "DELETE", "HEAD", "OPTIONS", "PURGE"]:
        status, headers, body = wsgi(submission.application, method, "/hello", "name=Ada")
        call.observed(f"{method} /hello: status", status).gives("405 Method Not Allowed")
        call.observed(f"{method} /hello: Allow", headers.get("allow", "(no Allow header)")).gives(
            "GET"
        )
        call.observed(f"{method} /hello: Content-Length", headers.get("content-length")).gives("0")
        call.observed(f"{method} /hello: body", body).gives(b"")
        kind = headers.get("content-type", "").replace(" ", "").replace('"', "").lower()
        call.observed(f"{method} /hello: Content-Type", kind).gives("text/plain;charset=utf-8")


def does_not_know_other_paths(submission, call):
    """Every other path gives 404 with an empty body, whatever the method."""
    for method, path in [
        ("GET", "/"),
        ("GET", "/hello/there"),
        ("GET", "/hello/"),
        ("GET", "/say/hello"),
        ("GET", "/hellos"),
        ("GET", "/Hello"),
        ("POST", "/other"),
    ]:
        status, headers, body = wsgi(submission.application, method, path, "")
        call.observed(f"{method} {path}: status", status).gives("404 Not Found")
        call.observed(f"{method} {path}: body", body).gives(b"")
        kind = headers.get("content-type", "").replace(" ", "").replace('"', "").lower()
        call.observed(f"{method} {path}: Content-Type", kind).gives("text/plain;charset=utf-8")
        length = headers.get("content-length", "(no Content-Length header)")
        call.observed(f"{method} {path}: Content-Length", length).gives("0")


# --- ASGI by hand ---------------------------------------------------------------------------------

#: All that a server tells of a request without a body.
GET = ({"type": "http.request", "body": b""},)


class Client:
    """The other end of an ASGI application: hands out messages, keeps what was sent.

    Once the messages are used up, ``receive`` waits until ``leave`` is called and then says
    ``http.disconnect``, as a server does.
    """

    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)
        self.sent: list[Message] = []
        self.early: list[str] = []  # sent before the last of the messages had been taken
        self.left = asyncio.Event()
        self.waiting = asyncio.Event()

    async def receive(self) -> Message:
        if self.messages:
            self.early = self.types
            return self.messages.pop(0)
        self.waiting.set()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            assert isinstance(message.get("status"), int), (
                f"http.response.start, status: expected an int, got {message.get('status')!r}"
            )
            headers = [tuple(pair) for pair in message.get("headers", ())]
            message = {**message, "status": int(message["status"]), "headers": headers}
            for pair in message["headers"]:
                assert all(isinstance(each, bytes) for each in pair), (
                    f"http.response.start, headers: expected bytes, got {pair!r}"
                )
        data = message.get("body", b"")
        assert isinstance(data, (bytes, memoryview)), (
            f"{message['type']}, body: expected bytes, got {data!r} of type {type(data).__name__}"
        )
        self.sent.append(message)

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.sent if m["type"] == "http.response.body")


def http(path: str = "/", method: str = "GET") -> Message:
    """Give the scope of an HTTP request, as a server fills it in."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }


async def within(awaitable: Awaitable[Any], doing: str) -> Any:
    """Await, but fail with a sentence instead of waiting for ever."""
    try:
        return await asyncio.wait_for(awaitable, WAITS[-1])
    except TimeoutError:
        came = f"expected that within {WAITS[-1]:g} s, got nothing but waiting"
        WAITS.append(PATIENCE / 4)
        raise AssertionError(f"{doing}: {came}") from None


def count(
    submission: Any, *messages: Message, method: str = "POST", path: str = "/upload"
) -> Client:
    """Send an HTTP request's messages to the learner's ``app``."""

    async def exchange() -> Client:
        client = Client(*messages)
        await within(
            submission.app(http(path, method), client.receive, client.send),
            "app() should return after the last part of the body (more_body false or missing)",
        )
        return client

    with during(f"http scope, {method} {path}, receive() gives {list(messages)}"):
        return asyncio.run(exchange())


def part(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def counts_a_body_in_one_message(submission, call):
    """A body of five bytes is answered with 5."""
    client = count(submission, part(b"hello", False))
    call.observed("first message sent", client.types[:1]).gives(["http.response.start"])
    more = [m.get("more_body", False) for m in client.sent[1:]]
    call.observed("the last message says that no more comes", more[-1:]).gives([False])
    start = client.sent[0]
    call.observed("status", start["status"]).gives(200)
    names = [bytes(name) for name, _ in start["headers"]]
    call.observed("names of the headers", names).gives([name.lower() for name in names])
    headers = {bytes(name): bytes(value) for name, value in start["headers"]}
    kind = headers.get(b"content-type", b"(missing)").split(b";")[0]
    call.observed("content-type", kind).gives(b"text/plain")
    data = "Zo\u00eb".encode() + b"\xff"
    call.observed(f"body sent for {data!r}", count(submission, part(data, False)).body).gives(b"5")
    call.observed("body sent for b'hello'", client.body).gives(b"5")
    length = headers.get(b"content-length", b"1")
    call.observed("content-length (if it is sent) of the body b'5'", length).gives(b"1")
    client = count(submission, *GET, method="GET", path="/")
    call.observed("body sent for GET / with an empty body", client.body).gives(b"0")


def counts_a_body_in_three_messages(submission, call):
    """A body that comes in parts is read to its end before the answer."""
    client = count(submission, part(b"abc", True), part(b"", True), part(b"de", False))
    call.observed("body sent for b'abc' + b'' + b'de'", client.body).gives(b"5")
    call.observed("responses started", client.types.count("http.response.start")).gives(1)
    call.observed("sent before the last part had come", client.early).gives([])

    async def both() -> list[bytes]:
        """Two uploads at a time, whose parts come in turn."""

        async def upload(*messages: Message) -> bytes:
            client = Client(*messages)

            async def receive() -> Message:
                await asyncio.sleep(0)  # as any real server: the other upload goes on meanwhile
                return await client.receive()

            await submission.app(http("/upload", "POST"), receive, client.send)
            return client.body

        uploads = [
            upload(part(b"abc", True), part(b"de", False)),
            upload(part(b"f", True), part(b"g", False)),
        ]
        answered = asyncio.gather(*uploads)
        return list(await within(answered, "app() should answer two uploads at a time"))

    with during("two uploads at a time"):
        bodies = asyncio.run(both())
    call.observed(
        "bodies sent for b'abc' + b'de' and, at the same time, b'f' + b'g'", bodies
    ).gives([b"5", b"2"])


def accepts_messages_without_optional_keys(submission, call):
    """`body` and `more_body` may be missing from http.request."""
    client = count(submission, {"type": "http.request"})
    call.observed("body sent for a message without body", client.body).gives(b"0")
    client = count(submission, {"type": "http.request", "more_body": True}, part(b"xy", False))
    call.observed("body sent for (no body, more_body) + b'xy'", client.body).gives(b"2")


def sends_nothing_after_a_disconnect(submission, call):
    """A client that leaves during the upload gets no answer."""
    client = count(submission, part(b"abc", True), {"type": "http.disconnect"})
    call.observed("messages sent after b'abc' and http.disconnect", client.types).gives([])
    client = count(submission, {"type": "http.disconnect"})
    call.observed("messages sent after http.disconnect at once", client.types).gives([])


def completes_startup_and_shutdown(submission, call):
    """Both lifespan messages are completed, one after the other."""

    async def worker() -> None:
        client = Client({"type": "lifespan.startup"})
        stop = asyncio.Event()
        told: list[bool] = []
        early: list[str] = []

        async def receive() -> Message:
            if client.messages:
                await asyncio.sleep(0)  # as any real server: it takes a moment to come
                early.extend(client.types)
                return client.messages.pop(0)
            client.waiting.set()
            await stop.wait()
            if told:
                await asyncio.Event().wait()  # nothing comes after the shutdown
            told.append(True)
            return {"type": "lifespan.shutdown"}

        task = asyncio.ensure_future(
            submission.app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, client.send)
        )
        waits = asyncio.create_task(client.waiting.wait())
        await asyncio.wait({task, waits}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        if task.done():
            task.result()
        call.observed("sent before lifespan.startup had come", early).gives([])
        call.observed("sent after lifespan.startup", client.types).gives(
            ["lifespan.startup.complete"]
        )
        call.observed("returned before shutdown", task.done()).gives(False)
        stop.set()
        await within(task, "app() should return after lifespan.shutdown")
        call.observed("sent in all", client.types).gives(
            ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        )

    with during("lifespan scope, receive() gives lifespan.startup, later lifespan.shutdown"):
        asyncio.run(worker())


def refuses_other_scopes(submission, call):
    """A scope that the application does not support raises a RuntimeError that names it."""

    async def connect(kind: str) -> str:
        client = Client({"type": f"{kind}.connect"})
        try:
            await within(
                submission.app({**http(), "type": kind}, client.receive, client.send),
                f"app() should refuse the scope {kind!r} at once",
            )
        except RuntimeError as error:
            answered = [each for each in client.types if each != "websocket.close"]
            if answered:
                return f"RuntimeError, but only after it had sent {answered}"
            return "RuntimeError naming it" if kind in str(error) else f"RuntimeError({error})"
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return f"no exception; sent {client.types}"

    for kind in ["websocket", "webtransport", "x-unheard-of"]:
        call.observed(f"scope type {kind!r}", asyncio.run(connect(kind))).gives(
            "RuntimeError naming it"
        )


# --- Middleware that times ------------------------------------------------------------------------


class Clock:
    """A clock that moves only when it is told to. Seconds."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


START = {"type": "http.response.start", "status": 200, "headers": []}


def timed(submission: Any, steps: Sequence[object], scope: Message, now: float = 100.0):
    """Run an application of ``steps`` under the learner's middleware.

    A number moves the clock by so many seconds, a message is sent, an exception raised. Returns
    what was recorded, what reached the client, and the exception that reached the server. A
    message with ``fails`` makes the server's ``send`` raise that; one with ``slow`` takes 0.5 s.
    """
    clock, recorded = Clock(now), []
    incoming = {"type": "incoming"}

    async def application(given: Message, receive: Any, send: Any) -> None:
        kept = [key for key in scope if given.get(key) == scope[key]]
        assert kept == list(scope), (
            f"unchanged in the scope that the application got: expected {list(scope)}, got {kept}"
        )
        came = await receive()
        assert came == incoming, (
            f"first message that the application received: expected {incoming}, got {came!r}"
        )
        for step in steps:
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, dict):
                await send(step)
            elif isinstance(step, float):
                clock.now += step

    async def exchange() -> tuple[Client, str]:
        client = Client(incoming)

        async def send(message: Message) -> None:
            if "fails" in message:
                raise message["fails"]
            await client.send(message)
            if message.get("slow"):
                clock.now += 0.5

        middleware = submission.Timing(
            application, lambda path, seconds: recorded.append([path, seconds]), clock
        )
        try:
            await within(middleware(scope, client.receive, send), "the middleware should return")
        except (Exception, asyncio.CancelledError) as error:
            raised = [step for step in steps if isinstance(step, BaseException)]
            raised += [
                step["fails"] for step in steps if isinstance(step, dict) and "fails" in step
            ]
            if not raised:
                raise
            is_it = error in raised or isinstance(error, asyncio.CancelledError)
            other = "" if is_it else ", which is not the one that the application raised"
            return client, f"{type(error).__name__}: {error}{other}"
        return client, "none"

    with during(f"{scope['type']} scope"):
        client, error = asyncio.run(exchange())
    return recorded, client, error


def body(data: bytes, **more: bool) -> Message:
    return {"type": "http.response.body", "body": data, **more}


def times_a_plain_response(submission, call):
    """One response: recorded once, with its path and the seconds until its body."""
    recorded, client, _ = timed(submission, [0.25, START, 0.5, body(b"ok")], http("/plain"))
    call.observed("recorded: 0.25 s, start, 0.5 s, body", recorded).gives([["/plain", 0.75]])
    call.observed("messages that reached the client", client.sent).gives([START, body(b"ok")])
    slow = {**body(b"ok"), "slow": True}
    recorded, _, _ = timed(submission, [1.0, START, slow], http("/slow"))
    call.observed("recorded: 1 s, body that takes 0.5 s to send", recorded).gives([["/slow", 1.5]])


def times_a_stream_to_its_end(submission, call):
    """A stream is recorded when its last part goes, not its first."""
    steps = [START, 1.0, body(b"a", more_body=True), 2.0, body(b"b", more_body=True), 4.0]
    for name, last in [
        ("more_body false", body(b"c", more_body=False)),
        ("no more_body", body(b"c")),
    ]:
        recorded, client, _ = timed(submission, [*steps, last, 8.0], http("/stream"))
        call.observed(f"recorded: 1 s, a, 2 s, b, 4 s, c ({name}), 8 s", recorded).gives(
            [["/stream", 7.0]]
        )
        call.observed("body that reached the client", client.body).gives(b"abc")
        more = [m.get("more_body", False) for m in client.sent[1:]]
        call.observed("more_body that reached the client", more).gives([True, True, False])
    half = [START, body(b"a", more_body=True), ValueError("boom")]
    _, client, _ = timed(submission, half, http("/half"))
    call.observed("sent before the stream broke: reached the client", client.types).gives(
        ["http.response.start", "http.response.body"]
    )


def keeps_requests_apart(submission, call):
    """Two requests at a time, through one middleware, are timed apart."""
    clock, recorded = Clock(), []

    async def exchange() -> None:
        second = asyncio.Event()

        async def application(scope: Message, receive: Any, send: Any) -> None:
            if scope["path"] == "/long":
                await second.wait()
            clock.now += 1.0
            await send(START)
            await send(body(b"ok"))

        middleware = submission.Timing(
            application, lambda path, seconds: recorded.append([path, seconds]), clock
        )

        async def ask(path: str) -> None:
            client = Client()
            await middleware(http(path), client.receive, client.send)

        async def later() -> None:
            await asyncio.sleep(0)
            clock.now += 4.0
            await ask("/short")
            second.set()

        await within(asyncio.gather(ask("/long"), later()), "both requests should be answered")

    asyncio.run(exchange())
    call.observed("recorded: /short, of 1 s, within /long", recorded).gives(
        [["/short", 1.0], ["/long", 6.0]]
    )


def leaves_background_work_out(submission, call):
    """What the application does after the last body message is not the client's wait."""
    recorded, _, _ = timed(submission, [1.0, START, body(b"ok"), 30.0], http("/task"))
    call.observed("recorded: 1 s, response, 30 s of background work", recorded).gives(
        [["/task", 1.0]]
    )
    recorded, _, _ = timed(submission, [START, body(b"ok"), 30.0], http("/task"), now=0.0)
    call.observed(
        "recorded by a clock that starts at 0: response at 0 s, 30 s of background work", recorded
    ).gives([["/task", 0.0]])


def records_a_failing_request(submission, call):
    """An exception is recorded too, and reaches the server."""
    for steps, seconds in [
        ([3.0, ValueError("boom")], 3.0),
        ([1.0, START, 1.0, ValueError("boom")], 2.0),
        ([1.0, START, body(b"half", more_body=True), 3.0, ValueError("boom")], 4.0),
    ]:
        recorded, _, error = timed(submission, steps, http("/fails"))
        call.observed("exception that reached the server", error).gives("ValueError: boom")
        call.observed(f"recorded for a failure after {seconds:g} s", recorded).gives(
            [["/fails", seconds]]
        )
    late = [1.0, START, body(b"ok"), 5.0, ValueError("late")]
    recorded, _, error = timed(submission, late, http("/late"))
    call.observed("recorded: 1 s, response, 5 s, exception", recorded).gives([["/late", 1.0]])
    call.observed("exception after the response that reached the server", error).gives(
        "ValueError: late"
    )
    recorded, _, error = timed(submission, [2.0, asyncio.CancelledError("x")], http("/gone"))
    call.observed("recorded: 2 s, cancelled", recorded).gives([["/gone", 2.0]])
    call.observed("exception that reached the server", error).gives("CancelledError: x")
    reset = {**body(b"ok"), "fails": OSError("reset")}
    recorded, _, error = timed(submission, [2.0, START, 1.0, reset, 4.0], http("/reset"))
    call.observed("recorded: 2 s, start, 1 s, send() of the body fails", recorded).gives(
        [["/reset", 3.0]]
    )
    call.observed("exception of send() that reached the server", error).gives("OSError: reset")
    recorded, _, _ = timed(submission, [2.0], http("/silent"))
    call.observed("recorded: 2 s, returns without a response", recorded).gives([["/silent", 2.0]])
    half = [1.0, START, body(b"half", more_body=True), 3.0]
    recorded, _, _ = timed(submission, half, http("/left"))
    call.observed(
        "recorded: 1 s, start, body with more_body, 3 s, returns without the last body", recorded
    ).gives([["/left", 4.0]])


def passes_other_scopes_through(submission, call):
    """Lifespan and WebSocket are not requests: passed on, not recorded."""
    ready = {"type": "lifespan.startup.complete"}
    recorded, client, _ = timed(submission, [9.0, ready], {"type": "lifespan"})
    call.observed("recorded for lifespan", recorded).gives([])
    call.observed("sent for lifespan", client.types).gives(["lifespan.startup.complete"])
    accept = {"type": "websocket.accept"}
    recorded, client, _ = timed(submission, [9.0, accept], {"type": "websocket", "path": "/ws"})
    call.observed("recorded for websocket", recorded).gives([])
    call.observed("sent for websocket", client.types).gives(["websocket.accept"])
    for scope in ({"type": "lifespan"}, {"type": "websocket", "path": "/ws"}):
        recorded, _, error = timed(submission, [9.0, ValueError("boom")], scope)
        call.observed(f"exception that reached the server, {scope['type']}", error).gives(
            "ValueError: boom"
        )
        call.observed(f"recorded for a {scope['type']} that fails", recorded).gives([])


# --- Lifespan -------------------------------------------------------------------------------------


class Pool:
    """A pool that notes what happens to it."""

    def __init__(self, events: list[str], broken: bool = False, stuck: bool = False) -> None:
        self.events, self.broken, self.closed, self.asked = events, broken, False, 41
        self.stuck, self.loop = stuck, asyncio.get_running_loop()

    async def value(self) -> int:
        assert asyncio.get_running_loop() is self.loop, (
            "pool.value(): expected the event loop that opened the pool, got another one"
        )
        assert not self.closed, (
            "pool.value(): expected an open pool, got one that was closed before"
        )
        if self.broken:
            raise ConnectionError("the pool lost its database")
        self.asked += 1
        return self.asked

    async def close(self) -> None:
        self.closed = True
        await asyncio.sleep(0.01)  # as any real pool: others run before it is closed
        self.events.append("close")
        if self.stuck:
            raise ConnectionError("the pool lost its database")


def worker(
    submission: Any,
    paths: list[str],
    how: str = "shut down",
    error: Exception | None = None,
    starts: int = 1,
    broken: bool = False,
    stuck: bool = False,
) -> tuple[list[str], list[bytes]]:
    """Run a worker's life: start-up, requests, then ``how`` it ends; give pool events, bodies."""
    events: list[str] = []

    async def open_pool() -> Pool:
        await asyncio.sleep(0.01)  # as any real pool: others run before it is open
        events.append("open")
        return Pool(events, broken, stuck)

    async def lives() -> list[bytes]:
        app = submission.make_app(open_pool)
        events.append("built")
        return [body for _ in range(starts) for body in await life(app)]

    async def life(app: Any) -> list[bytes]:
        messages: asyncio.Queue[Message | Exception] = asyncio.Queue()
        started = asyncio.Event()
        state: dict[str, Any] = {}

        async def receive() -> Message:
            message = await messages.get()
            if isinstance(message, Exception):
                raise message
            return message

        async def send(message: Message) -> None:
            if message["type"] != "lifespan.startup.failed":  # then the application raises
                started.set()
            if stuck and message["type"].startswith("lifespan.shutdown"):
                events.append(message["type"])

        task = asyncio.create_task(
            app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}, receive, send)
        )
        await messages.put({"type": "lifespan.startup"})
        starts = asyncio.create_task(started.wait())
        await asyncio.wait({task, starts}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if task.done() and not started.is_set():
            starts.cancel()
            task.result()
        await within(starts, "the start-up should complete")
        events.append("started")
        bodies = []
        for path in paths:
            client = Client(*GET)
            # a broken pool's error goes on to the server, after the answer
            with suppress(*[ConnectionError] if broken else []):
                await within(
                    app({**http(path), "state": dict(state)}, client.receive, client.send),
                    f"GET {path} should be answered",
                )
            bodies.append(client.body)
            if broken:
                statuses = [each["status"] for each in client.sent if "status" in each]
                events.append("success" if statuses == [200] else "an error")
        events.append("served")
        if how == "cancelled":
            task.cancel()
            await asyncio.wait({task}, timeout=PATIENCE)
            events.append("cancelled" if task.cancelled() else "not cancelled")
        elif how == "cut off":
            assert error is not None
            await messages.put(error)
            done, _ = await asyncio.wait({task}, timeout=PATIENCE)
            name = type(error).__name__
            assert done, f"receive() raises {name}: expected the lifespan to end, got only waiting"
            ended = task.exception()
            events.append("no exception" if ended is None else type(ended).__name__)
        else:
            await messages.put({"type": "lifespan.shutdown"})
            with suppress(*[ConnectionError, ExceptionGroup] if stuck else []):
                await within(task, "the shutdown should complete")
        return bodies

    with during(f"a worker that starts, serves {paths} and is {how}"):
        return events, asyncio.run(lives())


def opens_nothing_while_building(submission, call):
    """make_app() only builds; the pool is opened by the start-up."""
    events, _ = worker(submission, [])
    call.observed("first three events of a worker", events[:3]).gives(["built", "open", "started"])


def opens_once_for_many_requests(submission, call):
    """Three requests share the pool that the start-up opened."""
    events, _ = worker(submission, ["/value"] * 3)
    call.observed("pools opened for three requests", events.count("open")).gives(1)
    events, _ = worker(submission, ["/value"], starts=2)
    seen = [each for each in events if each in ("open", "served", "close")]
    call.observed("pool when the same application starts up, stops and starts again", seen).gives(
        ["open", "served", "close"] * 2
    )


def answers_with_the_value(submission, call):
    """GET /value answers with the pool's value."""
    _, bodies = worker(submission, ["/value"] * 2)
    for result, each in zip([42, 43], bodies, strict=True):
        call.observed(
            f"GET /value when pool.value() gives {result}", each.replace(b" ", b"")
        ).gives(b'{"value":%d}' % result)
    events, _ = worker(submission, ["/value"], broken=True)
    answer = events[events.index("started") + 1]
    call.observed("GET /value when pool.value() raises ConnectionError", answer).gives("an error")


def keeps_two_applications_apart(submission, call):
    """Two applications in one process have a pool each."""

    async def both() -> list[bytes]:
        apps = []
        for _ in range(2):
            events: list[str] = []

            async def open_pool(events=events) -> Pool:
                return Pool(events)

            app = submission.make_app(open_pool)
            messages: asyncio.Queue[Message] = asyncio.Queue()
            started = asyncio.Event()

            async def send(message: Message, started=started) -> None:
                started.set()

            state: dict[str, Any] = {}
            scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
            task = asyncio.create_task(app(scope, messages.get, send))
            await messages.put({"type": "lifespan.startup"})
            await within(started.wait(), "the start-up should complete")
            apps.append((app, state, task, messages))
        bodies = []
        for app, state, task, messages in reversed(apps):
            client = Client(*GET)
            with during("GET /value of one of two applications, after the other was shut down"):
                await app({**http("/value"), "state": dict(state)}, client.receive, client.send)
            bodies.append(client.body.replace(b" ", b""))
            await messages.put({"type": "lifespan.shutdown"})
            await within(task, "the shutdown should complete")
        return bodies

    call.observed("GET /value of two applications", asyncio.run(both())).gives(
        [b'{"value":42}'] * 2
    )


def closes_at_shutdown(submission, call):
    """The pool is closed once, after the last request."""
    events, _ = worker(submission, ["/value"])
    after = events[events.index("served") + 1 :]
    call.observed("events after the last request, at shutdown", after).gives(["close"])
    call.observed("times closed", events.count("close")).gives(1)
    events, _ = worker(submission, [], stuck=True)
    complete = "lifespan.shutdown.complete" in events
    label = "pool.close() raises ConnectionError: the server is told that the shutdown is complete"
    call.observed(label, complete).gives(False)


def closes_when_cancelled(submission, call):
    """A worker that is cancelled closes its pool as well."""
    events, _ = worker(submission, ["/value"], how="cancelled")
    after = events[events.index("served") + 1 :]
    call.observed("events after the last request, when cancelled", after).gives(
        ["close", "cancelled"]
    )


def closes_when_cut_off(submission, call):
    """A lifespan that ends by an exception of the server closes its pool as well."""
    for error in (OSError("connection lost"), RuntimeError("server broke")):
        events, _ = worker(submission, ["/value"], how="cut off", error=error)
        after, name = events[events.index("served") + 1 :], type(error).__name__
        call.observed(f"events after the last request, when receive() raises {name}", after).gives(
            ["close", name]
        )


def fails_when_the_pool_does(submission, call):
    """An error of open_pool() fails the start-up: the server must not hear that it is complete."""

    async def start(kind: type[Exception]) -> tuple[list[str], int]:
        asked: list[bool] = []

        async def open_pool() -> Pool:
            asked.append(True)
            await asyncio.sleep(0)
            raise kind("no database")

        client, told = Client({"type": "lifespan.startup"}), asyncio.Event()

        async def send(message: Message) -> None:
            client.sent.append(message)
            told.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        app = submission.make_app(open_pool)
        task = asyncio.ensure_future(app(scope, client.receive, send))
        waits = asyncio.create_task(told.wait())
        await asyncio.wait({task, waits}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        if not (client.sent or task.done()):
            client.sent.append({"type": "nothing, it waits"})
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        # an exception and no message is the same to a server
        return client.types or ["lifespan.startup.failed"], len(asked)

    for kind in (ConnectionError, TimeoutError, ValueError):
        sent, asked = asyncio.run(start(kind))
        call.observed(f"sent when open_pool() raises {kind.__name__}", sent).gives(
            ["lifespan.startup.failed"]
        )
        call.observed(
            f"times that open_pool() was awaited when it raises {kind.__name__}", asked
        ).gives(1)


# --- A blocking call in a coroutine ---------------------------------------------------------------


class Upstream:
    """A blocking service that counts how many calls it serves at once."""

    def __init__(self, hold: threading.Event | None = None) -> None:
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.released_in_time = True
        self.hold = hold
        self.entered = threading.Semaphore(0)

    def fetch(self, id: int) -> int:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.entered.release()
        if self.hold is not None and self.released_in_time:  # it gives up once, not at each call
            self.released_in_time = self.hold.wait(WAITS[-1] / 3)
            if not self.released_in_time:
                WAITS.append(PATIENCE / 4)
        with self.lock:
            self.now -= 1
        return id * 10


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Let the event loop run until the condition holds; say whether it did."""
    for _ in range(round(seconds / 0.01)):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return condition()


def keeps_the_order(submission, call):
    """Results stand in the order of the ids, though the last call is the first to end."""
    ended = {2: threading.Event(), 1: threading.Event()}

    def fetch(id: int) -> int:
        if id + 1 in ended:
            ended[id + 1].wait(PATIENCE / 4)  # each waits for the next one
        if id in ended:
            ended[id].set()
        return id * 10

    call("fetch_all", fetch, [0, 1, 2], 3).gives([0, 10, 20])
    call("fetch_all", fetch, (n for n in (7, 5, 7)), 2).gives([70, 50, 70])


def keeps_the_loop_free(submission, call):
    """While fetch blocks, other coroutines of the worker run."""
    release = threading.Event()
    upstream = Upstream(release)

    async def incident() -> None:
        task = asyncio.ensure_future(submission.fetch_all(upstream.fetch, [1], 1))
        await until(lambda: upstream.now == 1, PATIENCE / 4)
        release.set()  # only another coroutine can do this while fetch blocks
        await within(task, "fetch_all() should return")

    asyncio.run(incident())
    seen = (
        "ran while fetch blocked"
        if upstream.released_in_time
        else "stood still until fetch gave up"
    )
    call.observed("another coroutine of the same worker", seen).gives("ran while fetch blocked")


def in_flight(submission: Any, calls: int, limit: int) -> int:
    """Hold every call until no more come; return the most that ran at once."""
    release = threading.Event()
    upstream = Upstream(release)

    async def burst() -> None:
        task = asyncio.ensure_future(submission.fetch_all(upstream.fetch, range(calls), limit))
        await until(lambda: upstream.most > limit, 0.3)
        release.set()
        await within(task, "fetch_all() should return")

    asyncio.run(burst())
    return upstream.most


def runs_up_to_the_limit(submission, call):
    """Six calls under a limit of three: three at a time are in flight."""
    call.observed(
        "most calls in flight, 6 ids, limit 3", min(in_flight(submission, 6, 3), 3)
    ).gives(3)
    call.observed(
        "most calls in flight, 6 ids, limit 5", min(in_flight(submission, 6, 5), 5)
    ).gives(5)


def never_exceeds_the_limit(submission, call):
    """No more than the limit are ever in flight."""
    for limit in (1, 2):
        beyond = max(0, in_flight(submission, 5, limit) - limit)
        call.observed(f"calls in flight beyond the limit, 5 ids, limit {limit}", beyond).gives(0)


def passes_errors_on(submission, call):
    """An exception of fetch reaches the caller."""

    for kind in (LookupError, OSError, ValueError):

        def fetch(id: int, kind: type[Exception] = kind) -> int:
            if id == 2:
                raise kind("no such id: 2")
            return id

        async def failing(kind: type[Exception] = kind, fetch: Any = fetch) -> str:
            fetching = submission.fetch_all(fetch, [1, 2, 3], 2)
            try:
                got = await within(fetching, "fetch_all() should end when fetch raises")
            except (kind, ExceptionGroup) as error:
                return f"{type(error).__name__}: {error}"
            return f"no exception, but {got!r}"

        call.observed(
            f"fetch raises {kind.__name__}: fetch_all raises", asyncio.run(failing())
        ).gives(f"{kind.__name__}: no such id: 2")


def stays_free_after_an_error(submission, call):
    """When one call fails, the loop stays free although others still block."""
    release, entered, failed = threading.Event(), threading.Event(), threading.Event()
    held: list[bool] = []

    def fetch(id: int) -> int:
        if id == 2:
            entered.wait(PATIENCE / 3)
            failed.set()
            raise LookupError("no such id: 2")
        entered.set()
        held.append(release.wait(PATIENCE / 3))
        return id

    async def incident() -> None:
        task = asyncio.ensure_future(submission.fetch_all(fetch, [1, 2], 2))
        await until(failed.is_set, PATIENCE)
        await asyncio.sleep(0.1)
        release.set()
        await asyncio.wait({task}, timeout=PATIENCE)
        task.exception()

    asyncio.run(incident())
    call.observed(
        "another coroutine ran while one call had failed and one still blocked", all(held)
    ).gives(True)


def leaves_no_tasks(submission, call):
    """No task stays behind; after an error, those that still wait for their turn come to an end."""

    async def once() -> int:
        await submission.fetch_all(Upstream().fetch, [1, 2], 3)
        return len(asyncio.all_tasks()) - 1

    call.observed("tasks left behind", asyncio.run(once())).gives(0)

    def fetch(id: int) -> int:
        raise LookupError(f"no such id: {id}")

    async def failing() -> bool:
        with suppress(LookupError, ExceptionGroup):
            await within(submission.fetch_all(fetch, [1, 2, 3], 1), "fetch_all() should end")
        return await until(lambda: len(asyncio.all_tasks()) == 1, PATIENCE / 2)

    label = "3 ids, limit 1, each call of fetch raises: all tasks come to an end"
    call.observed(label, asyncio.run(failing())).gives(True)


def accepts_an_empty_iterable(submission, call):
    """Nothing to fetch gives an empty list."""
    call("fetch_all", Upstream().fetch, [], 4).gives([])


# --- Server-sent events ---------------------------------------------------------------------------


class Source:
    """An async generator of events that can be held, and notes whether it was closed."""

    def __init__(
        self, *events: tuple[int, str], endless: bool = False, error: Exception | None = None
    ) -> None:
        self.error = error
        self.events, self.endless = events, endless
        self.closed = self.closed_in_time = False
        self.tasks_left = self.sent_while_there = 0
        self.sent_before_next: list[int] = []
        self.idle = asyncio.Event()

    async def generate(self, client: Client) -> AsyncGenerator[tuple[int, str], None]:
        try:
            for event in self.events:
                await asyncio.sleep(0.02)  # as any real source: others run before the next event
                self.sent_before_next.append(client.body.count(b"id: "))
                yield event
            await asyncio.sleep(0.02)
            self.sent_before_next.append(client.body.count(b"id: "))
            if self.error:
                raise self.error
            self.idle.set()
            if self.endless:
                await asyncio.sleep(3600)
        finally:
            self.closed = True


PARTS = (part(b"", True), part(b"", True), part(b"", False))


def streamed(
    submission: Any,
    source_events: list[tuple[int, str]],
    leave: bool = False,
    request: Sequence[Message] = GET,
):
    """Stream events to a client that stays to the end, or leaves when the source has gone idle."""

    async def exchange() -> tuple[Client, Source]:
        client, source = (
            Client(*request),
            Source(*source_events, endless=leave),
        )
        generator = source.generate(client)
        task = asyncio.ensure_future(submission.stream(generator, client.receive, client.send))
        if leave:
            idle = asyncio.create_task(source.idle.wait())
            await asyncio.wait({task, idle}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            idle.cancel()
            source.sent_while_there = len(client.sent)
            client.left.set()
            doing = "stream() should return on http.disconnect, though the source is silent"
        else:
            doing = "stream() should return when the source ends, though the client is still there"
        try:
            await within(task, doing)
        finally:
            source.tasks_left = len(asyncio.all_tasks() - {asyncio.current_task()})
            source.closed_in_time = source.closed  # before anybody else cleans up
            with suppress(RuntimeError):  # "already running": a task of the learner still holds it
                await generator.aclose()
        return client, source

    with during(f"stream of {source_events}"):
        return asyncio.run(exchange())


TWO = [(1, "first"), (2, "second")]


def interrupted(submission: Any, how: str) -> tuple[bool, str, int]:
    """End a stream while its source stands at a yield; say if it was closed, and what is left."""

    async def exchange() -> tuple[bool, str, int]:
        client, source = Client(*GET), Source(*TWO)
        generator, sending = source.generate(client), asyncio.Event()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body" and b"id: " in message.get("body", b""):
                sending.set()
                if how.startswith("send"):
                    raise OSError("connection reset")
                await client.left.wait()  # a slow client; servers let go when it leaves

        task = asyncio.ensure_future(submission.stream(generator, client.receive, send))
        await within(sending.wait(), "stream() should send an event")
        if how == "the client leaves":
            client.left.set()
        elif how == "the server cancels":
            task.cancel()
        done, _ = await asyncio.wait({task}, timeout=PATIENCE / 4)
        assert done, f"stream() should return when {how} during a send(), got nothing but waiting"
        closed, left = source.closed, len(asyncio.all_tasks()) - 1
        ended = "CancelledError" if task.cancelled() else type(task.exception()).__name__
        await generator.aclose()
        return closed, ended, left

    return asyncio.run(exchange())


def encodes_one_line(submission, call):
    """An event is an id line, a data line and an empty line."""
    call("encode", 7, "hi").gives(b"id: 7\ndata: hi\n\n")
    call("encode", 8, "Zoë").gives("id: 8\ndata: Zoë\n\n".encode())


def encodes_several_lines(submission, call):
    """Each line of the text becomes a data line of its own."""
    call("encode", 9, "a\nb\nc").gives(b"id: 9\ndata: a\ndata: b\ndata: c\n\n")
    call("encode", 10, "a\n\n  b\n").gives(b"id: 10\ndata: a\ndata: \ndata:   b\ndata: \n\n")
    call("encode", 11, "").gives(b"id: 11\ndata: \n\n")
    call("encode", 12, "a\r\nb\rc").gives(b"id: 12\ndata: a\ndata: b\ndata: c\n\n")
    call("encode", 13, " a \n\rb ").gives(b"id: 13\ndata:  a \ndata: \ndata: b \n\n")
    other = "a\x0cb\x85c\u2028d"  # what str.splitlines() takes for ends of lines, and no browser
    call("encode", 14, other).gives(f"id: 14\ndata: {other}\n\n".encode())


def announces_an_event_stream(submission, call):
    """The response starts with status 200 and the two headers."""
    client, _ = streamed(submission, TWO)
    start = client.sent[0]
    call.observed("first message", start["type"]).gives("http.response.start")
    call.observed("status", start["status"]).gives(200)
    headers = {bytes(name).lower(): bytes(value) for name, value in start["headers"]}
    kind = headers.get(b"content-type", b"(missing)").split(b";")[0]
    call.observed("content-type", kind).gives(b"text/event-stream")
    call.observed("cache-control", headers.get(b"cache-control", b"(missing)")).gives(b"no-cache")


def sends_each_event_as_it_comes(submission, call):
    """Each event has gone out before the source is asked for the next."""
    _, source = streamed(submission, TWO)
    call.observed(
        "events sent before event 1 came, before event 2 came, at the end", source.sent_before_next
    ).gives([0, 1, 2])


def ends_with_the_source(submission, call):
    """The response is complete when the source ends: its last message says that no more comes."""
    client, _ = streamed(submission, TWO)
    more = [m.get("more_body", False) for m in client.sent if m["type"] == "http.response.body"]
    call.observed("more_body of the body messages but the last", set(more[:-1])).gives({True})
    call.observed("more_body of the last body message", more[-1:]).gives([False])
    call.observed("ends with", client.body[-42:]).gives(
        b"id: 1\ndata: first\n\nid: 2\ndata: second\n\n"[-42:]
    )
    client, _ = streamed(submission, [(0, "zero"), (1, "")])
    call.observed("body for an event 0 and an empty text", client.body).gives(
        b"id: 0\ndata: zero\n\nid: 1\ndata: \n\n"
    )
    client, _ = streamed(submission, [])
    types = client.types
    call.observed("first and last message for an empty source", [types[0], types[-1]]).gives(
        ["http.response.start", "http.response.body"]
    )


def stops_when_the_client_leaves(submission, call):
    """A client that has gone ends the stream, though the source would stay silent for an hour."""
    client, source = streamed(submission, TWO, leave=True)
    call.observed(
        "events that reached the client before it left", client.body.count(b"data:")
    ).gives(2)
    call.observed("sent after it left", client.types[source.sent_while_there :]).gives([])
    client, _ = streamed(submission, TWO, request=PARTS)
    call.observed(
        "events that reach a client whose request has three parts", client.body.count(b"data:")
    ).gives(2)

    async def two() -> int:
        """One of two clients leaves."""
        leaves, stays = Client(*GET), Client(*GET)
        silent = Source(*TWO, endless=True)
        streams = [
            asyncio.ensure_future(submission.stream(source.generate(c), c.receive, c.send))
            for c, source in ((leaves, silent), (stays, Source(*TWO)))
        ]
        await until(lambda: bool(leaves.body and stays.body), PATIENCE)
        leaves.left.set()
        await asyncio.wait(streams, timeout=WAITS[-1])
        for task in streams:
            task.cancel()
        await asyncio.wait(streams, timeout=WAITS[-1])
        return stays.body.count(b"data:")

    call.observed(
        "two streams at a time, the client of one leaves: events of the other", asyncio.run(two())
    ).gives(2)


def hands_errors_of_the_source_on(submission, call):
    """An exception of the source reaches the server, which must not take the response for whole."""

    async def exchange(error: Exception) -> tuple[str, list[bool]]:
        client = Client(*GET)
        generator = Source(*TWO, error=error).generate(client)
        came = "no exception"
        try:
            await within(submission.stream(generator, client.receive, client.send), "stream()")
        except Exception as raised:
            inside = (
                raised.subgroup(lambda each: each is error)
                if isinstance(raised, ExceptionGroup)
                else None
            )
            same = raised is error or inside is not None
            came = type(error).__name__ if same else f"another one, {raised!r}"
        bodies = [each for each in client.sent if each["type"] == "http.response.body"]
        return came, [each.get("more_body", False) for each in bodies]

    for error in (LookupError("feed"), OSError("feed"), ValueError("feed")):
        name = type(error).__name__
        came, more = asyncio.run(exchange(error))
        call.observed(f"the source raises {name}: stream() raises", came).gives(name)
        call.observed(f"more_body of the body messages when it raises {name}", more).gives(
            [True, True]
        )


def closes_the_source(submission, call):
    """The source is closed on both ways out."""
    _, source = streamed(submission, TWO)
    call.observed("source closed after its end", source.closed_in_time).gives(True)
    call.observed("tasks left behind after its end", source.tasks_left).gives(0)
    _, source = streamed(submission, TWO, leave=True)
    call.observed("source closed after the client left", source.closed_in_time).gives(True)
    for how in ("the client leaves", "the server cancels", "send() raises OSError"):
        closed, ended, left = interrupted(submission, how)
        call.observed(f"source closed when {how} during a send()", closed).gives(True)
        call.observed(f"tasks left behind when {how}", left).gives(0)
        if how == "the server cancels":
            call.observed("stream() when the server cancels it", ended).gives("CancelledError")
