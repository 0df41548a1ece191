# rejected by: never_exceeds_the_limit
# No more than the limit run, and yet there is a task for each job, however many there are.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    slots = asyncio.Semaphore(limit)

    async def one(job):
        async with slots:
            try:
                return ("done", await job())
            except Exception as error:
                return ("failed", type(error).__name__)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(job)) for job in jobs]
    return [task.result() for task in tasks]
