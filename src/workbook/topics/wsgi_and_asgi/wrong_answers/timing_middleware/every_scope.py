# rejected by: passes_other_scopes_through
# Times every scope: the lifespan of the worker shows up as one request of several hours.
import time


class Timing:
    def __init__(self, app, record, clock=time.perf_counter):
        self.app = app
        self.record = record
        self.clock = clock

    async def __call__(self, scope, receive, send):
        started, ended = self.clock(), None

        async def timed_send(message):
            nonlocal ended
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                ended = self.clock()

        try:
            await self.app(scope, receive, timed_send)
        finally:
            path = scope.get("path", scope["type"])
            self.record(path, (self.clock() if ended is None else ended) - started)
