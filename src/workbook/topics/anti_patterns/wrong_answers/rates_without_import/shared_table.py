# rejected by: knows_its_own_table_only
# The table is an attribute of the class, so that the first one's table serves everybody.
class Rates:
    table = None

    def __init__(self, fetch, environ):
        self.url = environ.get("RATES_URL")
        if not self.url:
            raise RuntimeError("RATES_URL is not set")
        self.fetch = fetch

    def of(self, currency):
        if Rates.table is None:
            Rates.table = self.fetch(self.url)
        return Rates.table[currency]
