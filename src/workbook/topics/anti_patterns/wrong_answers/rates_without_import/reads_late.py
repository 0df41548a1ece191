# rejected by: says_what_is_missing
# Lazy all the way: a forgotten variable shows at the first request, perhaps at night.
class Rates:
    def __init__(self, fetch, environ):
        self.fetch, self.environ, self.table = fetch, environ, None

    def of(self, currency):
        if self.table is None:
            self.table = self.fetch(self.environ["RATES_URL"])
        return self.table[currency]
