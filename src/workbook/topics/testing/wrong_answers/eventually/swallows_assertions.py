# rejected by: lets_exceptions_through
# A failed assertion in the condition is taken for "not yet".
import asyncio
import inspect
import time


async def eventually(condition, seconds=5.0, pause=0.05, clock=time.monotonic, sleep=asyncio.sleep):
    deadline = clock() + seconds

    async def ask():
        value = condition()
        return await value if inspect.isawaitable(value) else value

    while True:
        try:
            if value := await ask():
                return value
        except AssertionError:
            pass
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError
        await sleep(min(pause, left))
