# rejected by: encodes_several_lines
# str.splitlines() ends lines at form feeds and U+2028 too, where no browser does.
from contextlib import aclosing

import anyio


def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in (text + "\n").splitlines()]
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
        async for event_id, text in source:
            body = encode(event_id, text)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        group.cancel_scope.cancel()
