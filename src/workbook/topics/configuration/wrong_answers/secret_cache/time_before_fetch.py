# rejected by: remembers_no_error
# Notes the time before it fetches: after an error the cache seems fresh, and gives None.
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
            return self._current(self._is_old() or self.value == failed)

    def _is_old(self):
        return self.fetched_at is None or self.clock() - self.fetched_at >= self.ttl

    def _current(self, renew):
        if renew:
            self.fetched_at = self.clock()
            self.value = self.fetch()
        return self.value
