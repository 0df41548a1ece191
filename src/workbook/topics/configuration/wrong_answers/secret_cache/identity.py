# rejected by: refreshes_what_failed
# Compares objects, and not texts.
import threading
import time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value = self.at = None

    def get(self):
        return self.refresh(object())

    def refresh(self, failed):
        with self.lock:
            if self.at is None or self.value is failed or self.clock() - self.at >= self.ttl:
                self.value, self.at = self.fetch(), self.clock()
            return self.value
