# rejected by: leaves_the_message_when_it_is_stopped
# BaseException includes the request to stop, which is answered with work on the next message.
class Permanent(Exception):
    """It will never work, however often it is tried."""


def consume(queue, handle, limit):
    handled = 0
    while (message := queue.get()) is not None:
        try:
            handle(message.body)
        except BaseException as error:
            if isinstance(error, Permanent) or message.deliveries >= limit:
                queue.bury(message, type(error).__name__)
            else:
                queue.requeue(message)
        else:
            queue.ack(message)
            handled += 1
    return handled
