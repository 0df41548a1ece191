# rejected by: takes_everything_or_nothing
# Each line is checked alone before anything is taken, so two lines of one article pass together.
class Duplicate(Exception):
    pass


class Unknown(Exception):
    pass


class OutOfStock(Exception):
    pass


class FakeInventory:
    def __init__(self):
        self.counts = {}

    def add(self, sku, count):
        if sku in self.counts:
            raise Duplicate(sku)
        self.counts[sku] = count

    def take(self, lines):
        for sku, count in lines:
            if sku not in self.counts:
                raise Unknown(sku)
            if self.counts[sku] < count:
                raise OutOfStock(sku)
        for sku, count in lines:
            self.counts[sku] -= count

    def find(self, sku):
        return {"sku": sku, "count": self.counts[sku]} if sku in self.counts else None

    def all(self):
        return [self.find(sku) for sku in sorted(self.counts)]
