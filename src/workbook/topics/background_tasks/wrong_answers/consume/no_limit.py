# rejected by: buries_at_the_limit
# A message that always fails goes round and round.
class Permanent(Exception):
    """It will never work, however often it is tried."""


def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except Permanent as error:
            queue.bury(message, type(error).__name__)
        except Exception:
            queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
