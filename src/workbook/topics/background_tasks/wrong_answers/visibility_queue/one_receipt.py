# rejected by: ignores_an_outdated_receipt
# A message keeps one receipt for life, so a slow worker deletes what another one is working on.
from itertools import count


class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.numbers = [], [], count()

    def put(self, body):
        self.messages.append([next(self.numbers), body, self.clock(), 0])

    def receive(self):
        for message in list(self.messages):
            if message[2] <= self.clock():
                if message[3] == self.max_receives:
                    self.messages.remove(message)
                    self.dead.append(message[1])
                    continue
                message[2] = self.clock() + self.timeout
                message[3] += 1
                return message[0], message[1]
        return None

    def delete(self, receipt):
        before = len(self.messages)
        self.messages = [each for each in self.messages if each[0] != receipt]
        return len(self.messages) < before
