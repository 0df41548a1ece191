# rejected by: ends_with_its_jobs
# A cancelled job counts as one more failure, and the worker takes the next.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    numbered, results = enumerate(jobs), {}

    async def worker():
        for number, job in numbered:
            try:
                results[number] = ("done", await job())
            except BaseException as error:
                results[number] = ("failed", type(error).__name__)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return [results[number] for number in sorted(results)]
