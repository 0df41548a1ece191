# rejected by: buries_at_the_limit
# The broker counts deliveries; who counts in its message counts twice.
class Permanent(Exception):
    """It will never work, however often it is tried."""


def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except Permanent as error:
            queue.bury(message, type(error).__name__)
        except Exception as error:
            message.deliveries += 1
            if message.deliveries > limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
