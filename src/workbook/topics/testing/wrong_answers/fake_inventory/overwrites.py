# rejected by: refuses_a_duplicate
# An article without stock counts as absent, so that adding it again replaces it.
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
        if self.counts.get(sku):
            raise Duplicate(sku)
        self.counts[sku] = count

    def take(self, lines):
        counts = dict(self.counts)
        for sku, count in lines:
            if sku not in counts:
                raise Unknown(sku)
            if counts[sku] < count:
                raise OutOfStock(sku)
            counts[sku] -= count
        self.counts = counts  # the commit: everything, or nothing

    def find(self, sku):
        return {"sku": sku, "count": self.counts[sku]} if sku in self.counts else None

    def all(self):
        return [self.find(sku) for sku in sorted(self.counts)]
