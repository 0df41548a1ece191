# rejected by: keeps_requests_apart
# Keeps a request's times on the middleware, which all requests share.
import time


class Timing:
    def __init__(self, app, record, clock=time.perf_counter):
        self.app = app
        self.record = record
        self.clock = clock

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.started, self.ended = self.clock(), None

        async def timed_send(message):
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self.ended = self.clock()

        try:
            await self.app(scope, receive, timed_send)
        finally:
            if self.ended is None:
                self.ended = self.clock()
            self.record(scope["path"], self.ended - self.started)
