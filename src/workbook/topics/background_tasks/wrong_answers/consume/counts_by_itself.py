# rejected by: requeues_a_failure
# It counts failures by body, next to the broker: equal messages use up each other's tries.
from collections import Counter
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled, tries = 0, Counter()
    while (message := queue.get()) is not None:
        try:
            tries[message.body] += 1
            handle(message.body)
        except Exception as error:
            if isinstance(error, Permanent) or max(tries[message.body], message.deliveries) >= limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
