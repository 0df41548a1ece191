# rejected by: closes_the_source
# Leaves the loop between two events on disconnect, and the source behind it open.
import asyncio

def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in text.split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


async def stream(source, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    gone = asyncio.create_task(wait_for_disconnect(receive))
    while True:
        event = asyncio.ensure_future(anext(source, None))
        await asyncio.wait({event, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            return
        if event.result() is None:
            break
        body = encode(*event.result())
        await send({"type": "http.response.body", "body": body, "more_body": True})
    gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def wait_for_disconnect(receive):
    while (await receive())["type"] != "http.disconnect":
        pass
