# rejected by: runs_up_to_the_limit
# Each call gets a thread, and the next waits for it: the loop is free, the caller is as slow as before.
import asyncio


async def fetch_all(fetch, ids, limit):
    return [await asyncio.to_thread(fetch, id) for id in ids]
