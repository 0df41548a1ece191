# rejected by: fetches_once
# An empty table is falsy, so that each call fetches again.
class Rates:
    def __init__(self, fetch, environ):
        self.url = environ.get("RATES_URL")
        if not self.url:
            raise RuntimeError("RATES_URL is not set")
        self.fetch, self.table = fetch, {}

    def of(self, currency):
        if not self.table:
            self.table = self.fetch(self.url)
        return self.table[currency]
