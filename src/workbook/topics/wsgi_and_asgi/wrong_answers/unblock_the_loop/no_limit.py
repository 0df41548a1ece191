# rejected by: never_exceeds_the_limit
# Frees the loop and floods the upstream: as many calls at once as the thread pool has threads.
import asyncio


async def fetch_all(fetch, ids, limit):
    return await asyncio.gather(*(asyncio.to_thread(fetch, id) for id in ids))
