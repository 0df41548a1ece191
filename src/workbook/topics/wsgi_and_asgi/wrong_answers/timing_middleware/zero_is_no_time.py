# rejected by: leaves_background_work_out
# An end at 0.0 on the clock counts as none: `or` asks for truth, not for None.
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
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                ended = self.clock()

        try:
            await self.app(scope, receive, timed_send)
        finally:
            self.record(scope["path"], (ended or self.clock()) - started)
