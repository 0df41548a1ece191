# rejected by: gives_up_in_time
# It adds up the pauses that it asked for. A sleep may take longer, and only the clock knows.
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    waited = 0
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if waited >= seconds:
            raise TimeoutError
        nap = min(pause, seconds - waited)
        await sleep(nap)
        waited += nap
