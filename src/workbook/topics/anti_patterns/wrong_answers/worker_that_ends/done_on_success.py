# rejected by: logs_failures_and_goes_on
# task_done stands after the handling, where an exception jumps over it.
import asyncio


async def worker(queue, handle, log, seconds):
    while True:
        item = await queue.get()
        try:
            await asyncio.wait_for(handle(item), seconds)
            queue.task_done()
        except Exception as error:
            log(item, error)
