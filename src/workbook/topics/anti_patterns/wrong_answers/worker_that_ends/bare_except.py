# rejected by: ends_when_cancelled
# All is logged now, cancellations too, and the worker cannot be ended.
import asyncio


async def worker(queue, handle, log, seconds):
    while True:
        item = await queue.get()
        try:
            await asyncio.wait_for(handle(item), seconds)
        except BaseException as error:
            log(item, error)
        finally:
            queue.task_done()
