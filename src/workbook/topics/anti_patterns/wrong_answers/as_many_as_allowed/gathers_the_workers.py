# rejected by: ends_with_its_jobs
# gather, when cancelled, ends with the first of its tasks that does, and leaves the others behind.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    numbered, results = enumerate(jobs), {}

    async def worker():
        for number, job in numbered:
            try:
                results[number] = ("done", await job())
            except Exception as error:
                results[number] = ("failed", type(error).__name__)

    await asyncio.gather(*(worker() for _ in range(limit)))
    return [results[n] for n in sorted(results)]
