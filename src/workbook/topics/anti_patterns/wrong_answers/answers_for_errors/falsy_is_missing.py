# rejected by: passes_values_on
# An empty list is a good answer, and so is zero.
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
    except Exception as error:
        log(error)
        return 500, {"error": "internal error"}
    if not result:
        return 404, {"error": "not found"}
    return 200, result
