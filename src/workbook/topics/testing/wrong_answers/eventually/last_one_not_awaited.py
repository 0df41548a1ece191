# rejected by: awaits_a_coroutine_function
# The last question is written a second time, without the await.
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
    value = condition()
    if value:
        return value
    raise TimeoutError
