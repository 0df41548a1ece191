# rejected by: finds_what_was_added
# The caller's list is empty after the sale.
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
        counts = dict(self.counts)
        while lines:
            sku, count = lines.pop(0)
            if sku not in counts:
                raise Unknown(sku)
            if counts[sku] < count:
                raise OutOfStock(sku)
            counts[sku] -= count
        self.counts = counts

    def find(self, sku):
        return {"sku": sku, "count": self.counts[sku]} if sku in self.counts else None

    def all(self):
        return [self.find(s) for s in sorted(self.counts)]
