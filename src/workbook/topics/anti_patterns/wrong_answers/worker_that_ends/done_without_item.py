# rejected by: ends_when_cancelled
# The finally also covers the get, and marks an item as done that was never taken.
import asyncio


async def worker(queue, handle, log, seconds):
    while True:
        try:
            item = await queue.get()
            try:
                await asyncio.wait_for(handle(item), seconds)
            except Exception as error:
                log(item, error)
        finally:
            queue.task_done()
