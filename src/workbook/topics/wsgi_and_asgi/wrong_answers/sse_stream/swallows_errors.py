# rejected by: hands_errors_of_the_source_on
# Gathers both tasks with return_exceptions and looks at neither result.
import asyncio
import re
from contextlib import aclosing


def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in re.split(r"\r\n|\r|\n", text)]
    return ("\n".join(lines) + "\n\n").encode()


HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


async def stream(source, receive, send):
    async def pump():
        async with aclosing(source):
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            async for event_id, text in source:
                body = encode(event_id, text)
                await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def watch():
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.create_task(pump()), asyncio.create_task(watch())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
