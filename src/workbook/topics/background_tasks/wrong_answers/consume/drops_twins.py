# rejected by: acknowledges_after_the_work
# It takes an equal message for the same one, and acknowledges it without any work.
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled = 0
    seen = []
    while (message := queue.get()) is not None:
        if message.body in seen:
            queue.ack(message)
            continue
        seen.append(message.body)
        try:
            handle(message.body)
        except Exception as error:
            if isinstance(error, Permanent) or message.deliveries >= limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
