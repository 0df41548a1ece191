# rejected by: lets_the_rest_go_on
# Two of what is no Exception go on; whatever else there is becomes a 500.
import asyncio


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
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as error:
        log(error)
        return 500, {"error": "internal error"}
    if result is None:
        return 404, {"error": "not found"}
    return 200, result
