# rejected by: counts_what_was_handled
# Failures are counted as handled, and the number on the dashboard looks fine.
class Permanent(Exception):
    """It will never work, however often it is tried."""


def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        handled += 1
        try:
            handle(message.body)
        except Exception as error:
            if isinstance(error, Permanent) or message.deliveries >= limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
            continue
        queue.ack(message)
    return handled
