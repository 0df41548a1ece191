# rejected by: keeps_the_loop_free
# gather over coroutines that never await: they still run one after the other, on the loop.
import asyncio


async def fetch_all(fetch, ids, limit):
    slots = asyncio.Semaphore(limit)

    async def one(id):
        async with slots:
            return fetch(id)

    return await asyncio.gather(*(one(id) for id in ids))
