# rejected by: says_what_is_missing
# An empty mapping is falsy, so that the real environment answers for it.
import os


class Rates:
    def __init__(self, fetch, environ=None):
        environ = environ or os.environ
        self.url = environ.get("RATES_URL")
        if not self.url:
            raise RuntimeError("RATES_URL is not set")
        self.fetch, self.table = fetch, None

    def of(self, currency):
        if self.table is None:
            self.table = self.fetch(self.url)
        return self.table[currency]
