# rejected by: gives_up_in_time
# The last pause goes past the deadline.
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    deadline = clock() + seconds
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError(f"{condition} did not come true within {seconds} s")
        await sleep(pause)
