# rejected by: records_a_failing_request
# Records and raises an exception of its own, so that no handler outside recognises what happened.
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
        except Exception as error:
            raise RuntimeError(f"{scope['path']} failed") from error
        finally:
            self.record(scope["path"], (self.clock() if ended is None else ended) - started)
