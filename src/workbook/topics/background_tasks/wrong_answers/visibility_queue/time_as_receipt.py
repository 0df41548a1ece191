# rejected by: ignores_an_outdated_receipt
# Two messages that are received at the same time have the same receipt.
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead = [], []
    def put(self, body):
        self.messages.append([body, self.clock(), None, 0])
    def receive(self):
        for message in list(self.messages):
            body, visible_at, _, n = message
            if visible_at > self.clock():
                continue
            if n >= self.max_receives:
                self.messages.remove(message)
                self.dead.append(body)
                continue
            message[1:] = self.clock() + self.timeout, self.clock(), n + 1
            return message[2], body
        return None
    def delete(self, receipt):
        for message in self.messages:
            if message[2] == receipt and receipt is not None:
                self.messages.remove(message)
                return True
        return False
