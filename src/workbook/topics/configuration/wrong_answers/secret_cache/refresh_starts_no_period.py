# rejected by: refreshes_what_failed
# A refresh changes the value and not its age, so the new value is soon fetched again.
import threading
import time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value = None
        self.fetched_at = None

    def get(self):
        with self.lock:
            return self._current(self._is_old())

    def refresh(self, failed):
        with self.lock:
            if self._is_old() or self.value == failed:
                self.value = self.fetch()
            return self.value

    def _is_old(self):
        return self.fetched_at is None or self.clock() - self.fetched_at >= self.ttl

    def _current(self, renew):
        if renew:
            self.value = self.fetch()
            self.fetched_at = self.clock()
        return self.value
