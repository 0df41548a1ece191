# rejected by: requeues_a_failure
# Only a lost connection is worth another try; any other failure is buried at once.
class Permanent(Exception):
    """It will never work, however often it is tried."""
def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except Exception as error:
            if isinstance(error, ConnectionError) and message.deliveries < limit:
                queue.requeue(message)
            else:
                queue.bury(message, type(error).__name__)
        else:
            queue.ack(message)
            handled += 1
    return handled
