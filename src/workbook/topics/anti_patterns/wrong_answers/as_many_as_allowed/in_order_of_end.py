# rejected by: keeps_the_order
# Results are appended as they come, so that the slow ones move to the end.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    waiting, results = iter(jobs), []

    async def worker():
        for job in waiting:
            try:
                results.append(("done", await job()))
            except Exception as error:
                results.append(("failed", type(error).__name__))

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
    return results
