# rejected by: remembers_no_error
# Whoever waited for a fetch that failed gets None.
import threading, time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.lock = threading.Lock()
        self.done = None
        self.value = self.at = None

    def get(self):
        return self.refresh(object())

    def refresh(self, failed):
        with self.lock:
            if self.done is None:
                if (
                    self.at is not None
                    and self.clock() - self.at < self.ttl
                    and self.value != failed
                ):
                    return self.value
                self.done, mine = threading.Event(), True
            else:
                mine = False
            done = self.done
        if not mine:
            done.wait()
            return self.value
        try:
            self.value = self.fetch()
            self.at = self.clock()
            return self.value
        finally:
            with self.lock:
                self.done = None
            done.set()
