# rejected by: collects_failures
# Any other exception ends all jobs.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    numbered, results = enumerate(jobs), {}

    async def worker():
        for n, job in numbered:
            try:
                results[n] = ("done", await job())
            except ValueError as e:
                results[n] = ("failed", "ValueError")
            except KeyError as e:
                results[n] = ("failed", "KeyError")

    async with asyncio.TaskGroup() as g:
        for _ in range(limit):
            g.create_task(worker())
    return [results[n] for n in sorted(results)]
