# rejected by: passes_values_on
# With return_exceptions, an exception that is returned looks like one that is raised.
class NotFound(Exception):
    pass


class Conflict(Exception):
    pass


async def answer(handler, log):
    import asyncio

    [result] = await asyncio.gather(handler(), return_exceptions=True)
    if isinstance(result, NotFound):
        return 404, {"error": str(result)}
    if isinstance(result, Conflict):
        return 409, {"error": str(result)}
    if isinstance(result, Exception):
        log(result)
        return 500, {"error": "internal error"}
    if isinstance(result, BaseException):
        raise result
    if result is None:
        return 404, {"error": "not found"}
    return 200, result
