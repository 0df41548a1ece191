# rejected by: limits_the_time
# The limit also covers the wait for an item, so that an idle worker logs failures.
import asyncio


async def worker(queue, handle, log, seconds):
    while True:
        item, taken = None, False
        try:
            async with asyncio.timeout(seconds):
                item = await queue.get()
                taken = True
                await handle(item)
        except Exception as error:
            log(item, error)
        finally:
            if taken:
                queue.task_done()
