# rejected by: passes_errors_on
# return_exceptions=True hands the exception out as if it were a result.
import asyncio


async def fetch_all(fetch, ids, limit):
    slots = asyncio.Semaphore(limit)

    async def one(id):
        async with slots:
            return await asyncio.to_thread(fetch, id)

    return await asyncio.gather(*(one(id) for id in ids), return_exceptions=True)
