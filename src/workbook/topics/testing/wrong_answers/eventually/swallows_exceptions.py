# rejected by: lets_exceptions_through
# A condition that raises is taken for "not yet": a typo in it becomes a time-out after 10 s.
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    deadline = clock() + seconds
    while True:
        try:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
        except Exception:
            value = None
        if value:
            return value
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError(f"{condition} did not come true within {seconds} s")
        await sleep(min(pause, left))
