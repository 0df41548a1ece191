# rejected by: maps_expected_errors
# Each unknown id becomes an error in the log, until nobody reads the log.
class NotFound(Exception):
    pass


class Conflict(Exception):
    pass


async def answer(handler, log):
    try:
        result = await handler()
    except Exception as error:
        log(error)
        if isinstance(error, NotFound):
            return 404, {"error": str(error)}
        if isinstance(error, Conflict):
            return 409, {"error": str(error)}
        return 500, {"error": "internal error"}
    return (404, {"error": "not found"}) if result is None else (200, result)
