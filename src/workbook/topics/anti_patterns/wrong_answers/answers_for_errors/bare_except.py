# rejected by: lets_the_rest_go_on
# A cancelled request is answered with 500, and never ends as cancelled.
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
    except BaseException as error:
        log(error)
        return 500, {"error": "internal error"}
    return (404, {"error": "not found"}) if result is None else (200, result)
