# rejected by: ends_with_its_jobs
# asyncio.wait leaves its tasks alone when it is cancelled.
import asyncio


async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    numbered, results, running = enumerate(jobs), {}, {}
    while True:
        while len(running) < limit and (following := next(numbered, None)):
            running[asyncio.ensure_future(following[1]())] = following[0]
        if not running:
            return [results[number] for number in sorted(results)]
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            outcome = ("failed", type(error).__name__) if error else ("done", task.result())
            results[running.pop(task)] = outcome
