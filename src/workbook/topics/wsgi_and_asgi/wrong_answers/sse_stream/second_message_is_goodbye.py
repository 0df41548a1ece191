# rejected by: stops_when_the_client_leaves
# It counts messages and does not look at their type: a request in parts ends the stream.
import re
from contextlib import aclosing

import anyio


def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in re.split(r"\r\n|\r|\n", text)]
    return ("\n".join(lines) + "\n\n").encode()


async def stream(source, receive, send):
    async def watch():
        await receive()  # the request
        await receive()  # the disconnect
        group.cancel_scope.cancel()

    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
    async with anyio.create_task_group() as group, aclosing(source):
        group.start_soon(watch)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for event_id, text in source:
            body = encode(event_id, text)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        group.cancel_scope.cancel()
