# rejected by: fetches_once_and_keeps_it
# The clock may have begun a moment ago, as the monotonic one does when the machine starts.
import threading, time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value, self.fetched_at = None, 0

    def get(self):
        return self.refresh(object())

    def refresh(self, failed):
        with self.lock:
            if self.value == failed or self.clock() - self.fetched_at >= self.ttl:
                self.value = self.fetch()
                self.fetched_at = self.clock()
            return self.value
