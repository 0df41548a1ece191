# rejected by: records_a_failing_request
# Takes the last part that was sent for the last there is: an application that returns half-way is timed too short.
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
        started, ended, whole = self.clock(), None, False

        async def timed_send(message):
            nonlocal ended, whole
            await send(message)
            if message["type"] == "http.response.body":
                ended = self.clock()
                whole = not message.get("more_body", False)

        try:
            await self.app(scope, receive, timed_send)
        except BaseException:
            if not whole:
                ended = self.clock()
            raise
        finally:
            self.record(scope["path"], (self.clock() if ended is None else ended) - started)
