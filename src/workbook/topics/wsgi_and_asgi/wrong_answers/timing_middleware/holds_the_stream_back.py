# rejected by: times_a_stream_to_its_end
# The messages are kept until the last one is there, and a stream is none any more.
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
        started, ended, held = self.clock(), None, []

        async def timed_send(message):
            nonlocal ended
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                for each in held:
                    await send(each)
                ended = self.clock()

        try:
            await self.app(scope, receive, timed_send)
        finally:
            if ended is None:
                ended = self.clock()
            self.record(scope["path"], ended - started)
