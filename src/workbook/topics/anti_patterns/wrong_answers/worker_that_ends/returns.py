# rejected by: ends_when_cancelled
# A cancelled worker that returns looks like one that is done; a timeout around it would vanish.
import asyncio


async def worker(queue, handle, log, seconds):
    while True:
        try:
            item = await queue.get()
        except asyncio.CancelledError:
            return
        try:
            await asyncio.wait_for(handle(item), seconds)
        except asyncio.CancelledError:
            return
        except Exception as error:
            log(item, error)
        finally:
            queue.task_done()
