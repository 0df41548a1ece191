# rejected by: logs_the_unexpected
# The text of an unexpected error goes to the client: a table's name, a path, a password.
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
        return 500, {"error": str(error)}
    return (404, {"error": "not found"}) if result is None else (200, result)
