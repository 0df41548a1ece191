# rejected by: puts_the_hopeless_aside
# The last receive already puts the message aside: a worker that succeeds at its last try cannot delete it.
from itertools import count
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.receipts = [], [], count()
    def put(self, body):
        self.messages.append([None, body, self.clock(), 0])
    def receive(self):
        for message in self.messages:
            if message[2] <= self.clock():
                message[:] = next(self.receipts), message[1], self.clock() + self.timeout, message[3] + 1
                if message[3] == self.max_receives:
                    self.messages.remove(message)
                    self.dead.append(message[1])
                return message[0], message[1]
        return None
    def delete(self, receipt):
        for message in self.messages:
            if message[0] == receipt and receipt is not None:
                self.messages.remove(message)
                return True
        return False
