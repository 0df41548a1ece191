# rejected by: leaves_background_work_out
# Times until the application returns, which with a background task is long after the client has its answer.
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
        try:
            await self.app(scope, receive, send)
        finally:
            self.record(scope["path"], self.clock() - started)
