# rejected by: stops_when_the_client_leaves
# The task group is a global: whoever leaves ends the stream of the client that came last.
import re
from contextlib import aclosing

import anyio


def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in re.split(r"\r\n|\r|\n", text)]
    return ("\n".join(lines) + "\n\n").encode()


async def stream(source, receive, send):
    global group

    async def watch():
        while (await receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
    async with anyio.create_task_group() as group, aclosing(source):
        group.start_soon(watch)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for event_id, text in source:
            body = encode(event_id, text)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        group.cancel_scope.cancel()  # or watch() would keep a finished stream waiting
