# rejected by: acknowledges_after_the_work
# The message is acknowledged before the work: a crash loses it, and failures are settled twice.
class Permanent(Exception):
    """It will never work, however often it is tried."""


def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        queue.ack(message)
        try:
            handle(message.body)
        except Exception as error:
            if isinstance(error, Permanent) or message.deliveries >= limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            handled += 1
    return handled
