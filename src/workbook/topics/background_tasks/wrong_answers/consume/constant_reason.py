# rejected by: buries_the_permanent_at_once
# The reason is always Permanent, also where a subclass says more.
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except Permanent:
            queue.bury(message, "Permanent")
        except Exception as error:
            if message.deliveries >= limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
