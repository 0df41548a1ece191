# rejected by: looks_once_more_at_the_deadline
# The time is up after the last pause, and it raises without having looked again.
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    deadline = clock() + seconds
    while clock() < deadline:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        await sleep(min(pause, deadline - clock()))
    raise TimeoutError(f"{condition} did not come true within {seconds} s")
