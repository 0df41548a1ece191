# rejected by: ignores_an_outdated_receipt
# After a deletion the next message has the same position, and so the same receipt.
class Queue:
    def __init__(self, timeout, max_receives, clock):
        self.timeout, self.max_receives, self.clock = timeout, max_receives, clock
        self.messages, self.dead = [], []
    def put(self, body):
        self.messages.append([None, body, self.clock(), 0])
    def receive(self):
        for message in list(self.messages):
            if message[2] > self.clock():
                continue
            if message[3] == self.max_receives:
                self.messages.remove(message)
                self.dead.append(message[1])
                continue
            receipt = f"{self.messages.index(message)}-{message[3] + 1}"
            message[:] = receipt, message[1], self.clock() + self.timeout, message[3] + 1
            return receipt, message[1]
    def delete(self, receipt):
        for message in self.messages:
            if receipt is not None and message[0] == receipt:
                self.messages.remove(message)
                return True
        return False
