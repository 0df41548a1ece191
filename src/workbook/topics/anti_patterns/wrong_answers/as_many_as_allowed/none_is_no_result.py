# rejected by: collects_failures
# A job that gives None is missing from the results.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    numbered, results = enumerate(jobs), {}

    async def worker():
        for n, job in numbered:
            try:
                r = await job()
                if r is not None:
                    results[n] = ("done", r)
            except Exception as e:
                results[n] = ("failed", type(e).__name__)

    async with asyncio.TaskGroup() as g:
        for _ in range(limit):
            g.create_task(worker())
    return [results[n] for n in sorted(results)]
