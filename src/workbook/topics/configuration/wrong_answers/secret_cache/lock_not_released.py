# rejected by: remembers_no_error
# Releases the lock by hand, and an error of the service skips that line: from then on everybody waits.
import threading
import time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value = None
        self.fetched_at = None

    def get(self):
        self.lock.acquire()
        value = self._current(self._is_old())
        self.lock.release()
        return value

    def refresh(self, failed):
        self.lock.acquire()
        value = self._current(self._is_old() or self.value == failed)
        self.lock.release()
        return value

    def _is_old(self):
        return self.fetched_at is None or self.clock() - self.fetched_at >= self.ttl

    def _current(self, renew):
        if renew:
            self.value = self.fetch()
            self.fetched_at = self.clock()
        return self.value
