# rejected by: acknowledges_after_the_work
# At the limit a message is buried even when its last try has worked.
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        reason = ""
        try:
            handle(message.body)
        except Exception as error:
            reason = type(error).__name__
            if not isinstance(error, Permanent) and message.deliveries < limit:
                queue.requeue(message)
                continue
        if reason or message.deliveries >= limit:
            queue.bury(message, reason)
            continue
        queue.ack(message)
        handled += 1
    return handled
