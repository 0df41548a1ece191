# rejected by: making_one_fetches_nothing
# The address is looked at early, and read once more when it is needed.
class Rates:
    def __init__(self, fetch, environ):
        if not environ.get("RATES_URL"):
            raise RuntimeError("RATES_URL")
        self.environ, self.fetch, self.table = environ, fetch, None

    def of(self, currency):
        if self.table is None:
            self.table = self.fetch(self.environ["RATES_URL"])
        return self.table[currency]
