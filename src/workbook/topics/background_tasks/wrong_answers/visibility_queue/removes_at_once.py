# rejected by: hands_out_again_after_the_timeout
# Receiving removes the message: whoever dies with it takes it along.
from itertools import count


class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.messages, self.dead, self.receipts = [], [], count()
        self.out = set()

    def put(self, body):
        self.messages.append(body)

    def receive(self):
        if not self.messages:
            return None
        receipt = next(self.receipts)
        self.out.add(receipt)
        return receipt, self.messages.pop(0)

    def delete(self, receipt):
        known = receipt in self.out
        self.out.discard(receipt)
        return known
