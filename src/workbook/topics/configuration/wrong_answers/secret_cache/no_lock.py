# rejected by: threads_share_one_fetch
# Looks and fetches without a lock, so each thread that finds nothing fetches.
import time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
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
            self.value = self.fetch()
            self.fetched_at = self.clock()
        return self.value
