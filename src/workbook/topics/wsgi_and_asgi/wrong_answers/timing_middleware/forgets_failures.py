# rejected by: records_a_failing_request
# Records after the last body message only: the slowest requests of all, those that fail, are never seen.
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
        started = self.clock()

        async def timed_send(message):
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self.record(scope["path"], self.clock() - started)

        await self.app(scope, receive, timed_send)
