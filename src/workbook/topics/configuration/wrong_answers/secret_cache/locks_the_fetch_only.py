# rejected by: threads_share_one_fetch
# Looks before it has the lock: those who waited for it fetch one after the other.
import threading
import time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value = None
        self.fetched_at = None

    def get(self):
        return self._current(self._is_old())

    def refresh(self, failed):
        return self._current(self._is_old() or self.value == failed)

    def _is_old(self):
        return self.fetched_at is None or self.clock() - self.fetched_at >= self.ttl

    def _current(self, renew):
        if renew:
            with self.lock:
                self.value = self.fetch()
                self.fetched_at = self.clock()
        return self.value
