# rejected by: stays_free_after_an_error
# Leaving the `with` waits for the other threads, in the loop's own thread, when one call fails.
import asyncio
from concurrent.futures import ThreadPoolExecutor


async def fetch_all(fetch, ids, limit):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(limit) as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, fetch, id) for id in ids))
