# rejected by: refreshes_what_failed
# Asks the service until the value differs, however long that takes.
import threading, time
class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.value = None
        self.at = None
    def get(self):
        with self.lock:
            if self.at is None or self.clock() - self.at >= self.ttl:
                self._load()
            return self.value
    def refresh(self, failed):
        with self.lock:
            while self.at is None or self.value == failed or self.clock() - self.at >= self.ttl:
                self._load()
            return self.value
    def _load(self):
        self.value = self.fetch()
        self.at = self.clock()
