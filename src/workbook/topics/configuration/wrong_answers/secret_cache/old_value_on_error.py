# rejected by: remembers_no_error
# Hides the error behind a value that has expired.
import threading, time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value = self.fetched_at = None

    def get(self):
        with self.lock:
            if self.fetched_at is None or self.clock() - self.fetched_at >= self.ttl:
                try:
                    self._fetch()
                except Exception:
                    if self.value is None:
                        raise
            return self.value

    def _fetch(self):
        self.value = self.fetch()
        self.fetched_at = self.clock()

    def refresh(self, failed):
        with self.lock:
            if (
                self.fetched_at is None
                or self.value == failed
                or self.clock() - self.fetched_at >= self.ttl
            ):
                self._fetch()
            return self.value
