# rejected by: threads_share_one_fetch
# One lock for get() and another for refresh(): both fetch at the same time.
import threading, time
class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.refresh_lock = threading.Lock()
        self.value = None
        self.at = None
    def get(self):
        with self.lock:
            if self.at is None or self.clock() - self.at >= self.ttl:
                self._load()
            return self.value
    def refresh(self, failed):
        with self.refresh_lock:
            if self.at is None or self.value == failed or self.clock() - self.at >= self.ttl:
                self._load()
            return self.value
    def _load(self):
        self.value = self.fetch()
        self.at = self.clock()
