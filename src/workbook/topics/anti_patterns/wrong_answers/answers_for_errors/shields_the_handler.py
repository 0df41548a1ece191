# rejected by: lets_the_rest_go_on
# The caller is cancelled, and the handler goes on with nobody waiting for it.
import asyncio


class NotFound(Exception):
    pass


class Conflict(Exception):
    pass


async def answer(handler, log):
    try:
        result = await asyncio.shield(handler())
    except NotFound as error:
        return 404, {"error": str(error)}
    except Conflict as error:
        return 409, {"error": str(error)}
    except Exception as error:
        log(error)
        return 500, {"error": "internal error"}
    if result is None:
        return 404, {"error": "not found"}
    return 200, result
