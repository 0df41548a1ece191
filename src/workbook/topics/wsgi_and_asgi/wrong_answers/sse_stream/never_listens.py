# rejected by: stops_when_the_client_leaves
# Sends well, and never listens: nobody tells it that the client has gone.
def encode(event_id, text):
    lines = [f"id: {event_id}"] + [f"data: {line}" for line in text.split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


async def stream(source, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    async for event_id, text in source:
        body = encode(event_id, text)
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
