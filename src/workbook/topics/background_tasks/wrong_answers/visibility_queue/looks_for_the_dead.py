# rejected by: puts_the_hopeless_aside
# The receipt of a dead message is still known, and its removal raises ValueError.
from itertools import count
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.receipts, self.known = [], [], count(), {}
    def put(self, body):
        self.messages.append([body, self.clock(), 0, None])
    def receive(self):
        for message in list(self.messages):
            if message[1] > self.clock():
                continue
            if message[2] == self.max_receives:
                self.messages.remove(message)
                self.dead.append(message[0])
                continue
            receipt = next(self.receipts)
            message[1:] = self.clock() + self.timeout, message[2] + 1, receipt
            self.known[receipt] = message
            return receipt, message[0]
    def delete(self, receipt):
        message = self.known.pop(receipt, None)
        if message is None or message[3] != receipt:
            return False
        self.messages.remove(message)
        return True
