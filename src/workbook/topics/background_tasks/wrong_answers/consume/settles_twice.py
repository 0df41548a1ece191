# rejected by: buries_the_permanent_at_once
# What is permanent at its last delivery is buried twice.
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except Exception as error:
            if isinstance(error, Permanent):
                queue.bury(message, type(error).__name__)
            if message.deliveries >= limit:
                queue.bury(message, type(error).__name__)
            elif not isinstance(error, Permanent):
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
