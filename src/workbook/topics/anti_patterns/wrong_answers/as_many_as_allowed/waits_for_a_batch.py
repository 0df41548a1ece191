# rejected by: uses_the_limit
# A batch is as slow as its slowest job, and the places of the others stay empty.
import asyncio
from itertools import islice


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)

    async def one(job):
        try:
            return "done", await job()
        except Exception as error:
            return "failed", type(error).__name__

    it, results = iter(jobs), []
    while batch := list(islice(it, limit)):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(job)) for job in batch]
        results += [task.result() for task in tasks]
    return results
