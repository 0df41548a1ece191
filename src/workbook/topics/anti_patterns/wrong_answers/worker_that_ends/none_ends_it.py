# rejected by: handles_in_turn
# A sentinel that nobody agreed on: None is an item like any other here.
import asyncio


async def worker(queue, handle, log, seconds):
    while (item := await queue.get()) is not None:
        try:
            await asyncio.wait_for(handle(item), seconds)
        except Exception as error:
            log(item, error)
        finally:
            queue.task_done()
