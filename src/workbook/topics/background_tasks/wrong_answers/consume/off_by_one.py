# rejected by: buries_at_the_limit
# The limit is exceeded by one: delivery number `limit` is sent round again.
class Permanent(Exception):
    """It will never work, however often it is tried."""


def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except Exception as error:
            if isinstance(error, Permanent) or message.deliveries > limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
