# rejected by: gives_copies
# The dictionaries that it keeps are the ones that it gives away.
import copy
class Duplicate(Exception):
    pass


class Unknown(Exception):
    pass


class OutOfStock(Exception):
    pass


class FakeInventory:
    def __init__(self):
        self.articles = {}

    def add(self, sku, count):
        if sku in self.articles:
            raise Duplicate(sku)
        self.articles[sku] = {"sku": sku, "count": count}

    def take(self, lines):
        articles = copy.deepcopy(self.articles)
        for sku, count in lines:
            if sku not in articles:
                raise Unknown(sku)
            if articles[sku]["count"] < count:
                raise OutOfStock(sku)
            articles[sku]["count"] -= count
        self.articles = articles  # the commit: everything, or nothing

    def find(self, sku):
        return self.articles.get(sku)

    def all(self):
        return [self.find(sku) for sku in sorted(self.articles)]
