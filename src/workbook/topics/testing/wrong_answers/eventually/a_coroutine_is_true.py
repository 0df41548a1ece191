# rejected by: awaits_a_coroutine_function
# The coroutine itself is an object, and so true. It is returned without having run.
import asyncio
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    deadline = clock() + seconds
    while True:
        value = condition()
        if value:
            return value
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError(f"{condition} did not come true within {seconds} s")
        await sleep(min(pause, left))
