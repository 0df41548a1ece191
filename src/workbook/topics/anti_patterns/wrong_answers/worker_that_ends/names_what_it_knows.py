# rejected by: logs_failures_and_goes_on
# An exception that is not in the list ends the worker.
import asyncio


async def worker(queue, handle, log, seconds):
    while True:
        item = await queue.get()
        try:
            async with asyncio.timeout(seconds):
                await handle(item)
        except (ValueError, TimeoutError) as e:
            log(item, e)
        finally:
            queue.task_done()
