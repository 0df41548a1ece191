# rejected by: encodes_several_lines
# Puts a line break into the data: the browser drops the second line, for it begins with no field name.
import asyncio


def encode(event_id, text):
    return f"id: {event_id}\ndata: {text}\n\n".encode()


HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


async def stream(source, receive, send):
    async def pump():
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        async for event_id, text in source:
            body = encode(event_id, text)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def watch():
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.create_task(pump()), asyncio.create_task(watch())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
