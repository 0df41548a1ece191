# rejected by: leaves_no_tasks
# The slot is not given back when fetch raises, and whoever waits for it waits for ever.
import asyncio


async def fetch_all(fetch, ids, limit):
    slots = asyncio.Semaphore(limit)

    async def one(id):
        await slots.acquire()
        r = await asyncio.to_thread(fetch, id)
        slots.release()
        return r

    return await asyncio.gather(*(one(id) for id in ids))
