# rejected by: keeps_the_order
# Collects the results as the calls end, which is not the order in which they were asked for.
import asyncio


async def fetch_all(fetch, ids, limit):
    slots = asyncio.Semaphore(limit)

    async def one(id):
        async with slots:
            return await asyncio.to_thread(fetch, id)

    return [await done for done in asyncio.as_completed([one(id) for id in ids])]
