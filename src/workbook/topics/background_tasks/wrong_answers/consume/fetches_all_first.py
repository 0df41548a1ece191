# rejected by: buries_at_the_limit
# It takes all that is there before it works, and does not see what comes back meanwhile.
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled = 0
    messages = list(iter(queue.get, None))
    for message in messages:
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
