# rejected by: maps_expected_errors
# A table of classes, looked up by type(error), knows no subclasses.
class NotFound(Exception):
    pass


class Conflict(Exception):
    pass


STATUS = {NotFound: 404, Conflict: 409}


async def answer(handler, log):
    try:
        result = await handler()
    except Exception as error:
        if type(error) in STATUS:
            return STATUS[type(error)], {"error": str(error)}
        log(error)
        return 500, {"error": "internal error"}
    return (404, {"error": "not found"}) if result is None else (200, result)
