# rejected by: knows_its_own_table_only
# A cache beside the class: the second object gets what the first one has fetched.
from functools import lru_cache


@lru_cache
def load(fetch, url):
    return fetch(url)


class Rates:
    def __init__(self, fetch, environ):
        self.fetch, self.url = fetch, environ.get("RATES_URL")
        if not self.url:
            raise RuntimeError("RATES_URL is not set")

    def of(self, currency):
        return load(self.fetch, self.url)[currency]
