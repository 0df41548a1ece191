# rejected by: collects_failures
# Without a try in the worker, one failure makes the group cancel all the others.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    numbered, results = enumerate(jobs), {}

    async def worker():
        for number, job in numbered:
            results[number] = ("done", await job())

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return [results[number] for number in sorted(results)]
