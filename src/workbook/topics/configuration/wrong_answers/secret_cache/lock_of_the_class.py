# rejected by: threads_share_one_fetch
# All caches share one lock, and wait for each other.
import threading, time
class SecretCache:
    lock = threading.Lock()
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.value = None
        self.at = None
    def get(self):
        with self.lock:
            if self.at is None or self.clock() - self.at >= self.ttl:
                self._load()
            return self.value
    def refresh(self, failed):
        with self.lock:
            if self.at is None or self.value == failed or self.clock() - self.at >= self.ttl:
                self._load()
            return self.value
    def _load(self):
        self.value = self.fetch()
        self.at = self.clock()
