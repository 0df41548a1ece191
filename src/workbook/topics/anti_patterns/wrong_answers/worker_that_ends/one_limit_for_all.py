# rejected by: limits_the_time
# The clock starts with the first item and is never set back.
import asyncio


async def worker(queue, handle, log, seconds):
    end = None
    while True:
        item = await queue.get()
        end = end or asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(end):
                await handle(item)
        except Exception as e:
            log(item, e)
        finally:
            queue.task_done()
