# rejected by: looks_once_more_at_the_deadline
# The deadline is set after the first answer, and a slow condition moves it.
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    value = condition()
    if inspect.isawaitable(value):
        value = await value
    if value:
        return value
    deadline = clock() + seconds
    while clock() < deadline:
        await sleep(min(pause, deadline - clock()))
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
    raise TimeoutError
