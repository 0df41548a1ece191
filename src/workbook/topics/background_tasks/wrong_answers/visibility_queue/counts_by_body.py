# rejected by: deletes_for_good
# The receives are counted by body: equal messages use up each other's tries.
from itertools import count
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead, self.receives, self.latest = [], [], {}, {}
        self.receipts = count()
    def put(self, body):
        self.messages.append([body, self.clock(), None])
    def receive(self):
        for message in list(self.messages):
            body, visible_at, _ = message
            if visible_at > self.clock():
                continue
            if self.receives.get(body, 0) >= self.max_receives:
                self.messages.remove(message)
                self.dead.append(body)
                continue
            self.receives[body] = self.receives.get(body, 0) + 1
            message[1] = self.clock() + self.timeout
            message[2] = next(self.receipts)
            return message[2], body
        return None
    def delete(self, receipt):
        for message in self.messages:
            if message[2] == receipt and receipt is not None:
                self.messages.remove(message)
                return True
        return False
