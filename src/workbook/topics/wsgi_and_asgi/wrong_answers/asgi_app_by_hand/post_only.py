# rejected by: counts_a_body_in_one_message
# Takes a body for a matter of POST: any other method is refused as if its scope were unknown.
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await complete_lifespan(receive, send)
    elif scope["type"] == "http" and scope["method"] == "POST":
        await count_body(receive, send)
    else:
        raise RuntimeError(scope["type"])


async def complete_lifespan(receive, send):
    await receive()  # lifespan.startup
    await send({"type": "lifespan.startup.complete"})
    await receive()  # lifespan.shutdown: comes when the server stops
    await send({"type": "lifespan.shutdown.complete"})


async def count_body(receive, send):
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": str(size).encode()})
