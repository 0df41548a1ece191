# rejected by: puts_the_hopeless_aside
# A late delete() buries the message that it should remove.
from itertools import count
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.receipts = [], [], count()
    def put(self, body):
        self.messages.append([None, body, self.clock(), 0])
    def _expire(self):
        for message in list(self.messages):
            if message[2] <= self.clock() and message[3] >= self.max_receives:
                self.messages.remove(message)
                self.dead.append(message[1])
    def receive(self):
        self._expire()
        for message in self.messages:
            if message[2] <= self.clock():
                message[:] = next(self.receipts), message[1], self.clock() + self.timeout, message[3] + 1
                return message[0], message[1]
    def delete(self, receipt):
        self._expire()
        for message in self.messages:
            if receipt is not None and message[0] == receipt:
                self.messages.remove(message)
                return True
        return False
