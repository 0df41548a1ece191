# rejected by: returns_at_once_what_is_true
# What is true already costs a pause all the same: thousands of tests, each a little slower.
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    deadline = clock() + seconds
    while deadline > clock():
        await sleep(min(pause, deadline - clock()))
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
    raise TimeoutError
