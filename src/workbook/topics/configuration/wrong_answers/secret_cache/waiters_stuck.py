# rejected by: remembers_no_error
# Nobody wakes those who wait for a fetch that failed.
import threading, time


class SecretCache:
    def __init__(self, fetch, ttl, clock=time.monotonic):
        self.fetch, self.ttl, self.clock = fetch, ttl, clock
        self.cond = threading.Condition()
        self.busy = False
        self.value = self.at = None

    def get(self):
        return self.refresh(object())

    def refresh(self, failed):
        with self.cond:
            while self.busy:
                self.cond.wait()
            if self.at is not None and self.clock() - self.at < self.ttl and self.value != failed:
                return self.value
            self.busy = True
        try:
            value = self.fetch()
        except BaseException:
            self.busy = False
            raise
        with self.cond:
            self.value, self.at, self.busy = value, self.clock(), False
            self.cond.notify_all()
        return value
