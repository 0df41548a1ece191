# rejected by: making_one_fetches_nothing
# A class around it, and the work still happens when the object is made, which is at import time again.
class Rates:
    def __init__(self, fetch, environ):
        if not environ.get("RATES_URL"):
            raise RuntimeError("RATES_URL is not set")
        self.table = fetch(environ["RATES_URL"])

    def of(self, currency):
        return self.table[currency]
