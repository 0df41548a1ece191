# rejected by: records_a_failing_request
# The error of send() is hidden from the application and from the server.
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
        started, ended = self.clock(), None

        async def timed_send(message):
            nonlocal ended
            try:
                await send(message)
            except OSError:
                pass  # the client has gone
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                ended = self.clock()

        try:
            await self.app(scope, receive, timed_send)
        finally:
            if ended is None:
                ended = self.clock()
            self.record(scope["path"], ended - started)
