# rejected by: uses_the_limit
# Never more than the limit, as it is never more than one.
async def run_all(jobs, limit):
    if limit < 1:
        raise ValueError(limit)
    results = []
    for job in jobs:
        try:
            results.append(("done", await job()))
        except Exception as error:
            results.append(("failed", type(error).__name__))
    return results
