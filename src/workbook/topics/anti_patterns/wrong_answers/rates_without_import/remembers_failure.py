# rejected by: tries_again_after_a_failure
# A flag that is set before the work is done: after one failure it is never tried again.
class Rates:
    def __init__(self, fetch, environ):
        self.url = environ.get("RATES_URL")
        if not self.url:
            raise RuntimeError("RATES_URL is not set")
        self.fetch, self.fetched, self.table = fetch, False, {}

    def of(self, currency):
        if not self.fetched:
            self.fetched = True
            self.table = self.fetch(self.url)
        return self.table[currency]
