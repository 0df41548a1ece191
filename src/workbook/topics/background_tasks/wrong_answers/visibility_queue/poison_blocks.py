# rejected by: puts_the_hopeless_aside
# There is no limit: a message that kills its workers is handed out for ever, before all others.
from itertools import count


class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.clock = timeout, clock
        self.messages, self.dead, self.receipts = [], [], count()

    def put(self, body):
        self.messages.append([None, body, self.clock()])

    def receive(self):
        for message in self.messages:
            if message[2] <= self.clock():
                message[0], message[2] = next(self.receipts), self.clock() + self.timeout
                return message[0], message[1]
        return None

    def delete(self, receipt):
        before = len(self.messages)
        self.messages = [each for each in self.messages if each[0] is None or each[0] != receipt]
        return len(self.messages) < before
