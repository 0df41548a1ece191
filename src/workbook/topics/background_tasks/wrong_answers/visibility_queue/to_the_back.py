# rejected by: hands_out_again_after_the_timeout
# A message that comes back is put at the end of the line.
from itertools import count


class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.receipts = [], [], count()

    def put(self, body):
        self.messages.append([None, body, self.clock(), 0])

    def receive(self):
        for message in list(self.messages):
            if message[2] <= self.clock():
                self.messages.remove(message)
                if message[3] == self.max_receives:
                    self.dead.append(message[1])
                    continue
                again = [next(self.receipts), message[1], self.clock() + self.timeout, message[3] + 1]
                self.messages.append(again)
                return again[0], again[1]
        return None

    def delete(self, receipt):
        before = len(self.messages)
        self.messages = [each for each in self.messages if each[0] is None or each[0] != receipt]
        return len(self.messages) < before
