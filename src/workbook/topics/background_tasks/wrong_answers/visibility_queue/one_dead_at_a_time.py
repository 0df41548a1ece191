# rejected by: puts_the_hopeless_aside
# It steps over one hopeless message only, and hands out the next one though its tries are used up.
from itertools import count
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.receipts = [], [], count()
    def put(self, body):
        self.messages.append([None, body, self.clock(), 0])
    def find(self):
        return next((m for m in self.messages if m[2] <= self.clock()), None)
    def receive(self):
        message = self.find()
        if message is not None and message[3] >= self.max_receives:
            self.messages.remove(message)
            self.dead.append(message[1])
            message = self.find()
        if message is None:
            return None
        message[:] = next(self.receipts), message[1], self.clock() + self.timeout, message[3] + 1
        return message[0], message[1]
    def delete(self, receipt):
        for message in self.messages:
            if message[0] == receipt and receipt is not None:
                self.messages.remove(message)
                return True
        return False
