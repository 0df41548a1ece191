# rejected by: counts_a_body_in_three_messages
# Takes the first http.request for the whole body; a large upload comes in many.
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        message = await receive()
        size = len(message.get("body", b""))
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": str(size).encode()})
    else:
        raise RuntimeError(f"unsupported scope type {scope['type']}")
