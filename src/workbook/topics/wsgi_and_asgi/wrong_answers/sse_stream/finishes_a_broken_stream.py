# rejected by: hands_errors_of_the_source_on
# The last message is sent in `finally`, so that a broken stream looks whole.
import re
from contextlib import aclosing

import anyio


def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in re.split(r"\r\n|\r|\n", text)]
    return ("\n".join(lines) + "\n\n").encode()


async def stream(source, receive, send):
    async def watch():
        while (await receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
    async with anyio.create_task_group() as group, aclosing(source):
        group.start_soon(watch)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            async for event_id, text in source:
                body = encode(event_id, text)
                await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            await send({"type": "http.response.body", "body": b""})
            group.cancel_scope.cancel()
