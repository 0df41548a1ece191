# rejected by: sends_each_event_as_it_comes
# Collects the events first: the client sees nothing until the source has ended.
import asyncio

def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in text.split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


async def stream(source, receive, send):
    async def pump():
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        events = [event async for event in source]
        for event_id, text in events:
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
