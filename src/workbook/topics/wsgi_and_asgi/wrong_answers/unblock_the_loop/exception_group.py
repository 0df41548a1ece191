# rejected by: passes_errors_on
# A task group wraps the exception, and the caller's `except LookupError` misses it.
import asyncio


async def fetch_all(fetch, ids, limit):
    slots = asyncio.Semaphore(limit)

    async def one(id):
        async with slots:
            return await asyncio.to_thread(fetch, id)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(id)) for id in ids]
    return [task.result() for task in tasks]
