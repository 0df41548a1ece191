# rejected by: times_a_stream_to_its_end
# Stops the clock at the first body message: the time to the first byte, not to the last.
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
            await send(message)
            if message["type"] == "http.response.body" and ended is None:
                ended = self.clock()

        try:
            await self.app(scope, receive, timed_send)
        finally:
            self.record(scope["path"], (self.clock() if ended is None else ended) - started)
