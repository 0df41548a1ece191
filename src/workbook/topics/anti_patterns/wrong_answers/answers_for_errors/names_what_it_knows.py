# rejected by: logs_the_unexpected
# A list of exceptions is never complete.
class NotFound(Exception):
    pass


class Conflict(Exception):
    pass


async def answer(handler, log):
    try:
        result = await handler()
    except NotFound as error:
        return 404, {"error": str(error)}
    except Conflict as error:
        return 409, {"error": str(error)}
    except (ValueError, KeyError, TimeoutError, LookupError) as error:
        log(error)
        return 500, {"error": "internal error"}
    if result is None:
        return 404, {"error": "not found"}
    return 200, result
