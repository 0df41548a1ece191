# rejected by: adds_and_finds
# A list counts from the end where an index is negative: find(-1) finds something.
class Stock:
    def __init__(self):
        self.items = []

    def add(self, name, price):
        name = " ".join(name.split())
        if price < 0:
            raise ValueError(price)
        if name.lower() in [item["name"].lower() for item in self.items]:
            raise ValueError(name)
        id = len(self.items) + 1
        self.items.append({"id": id, "name": name, "price": price})
        return dict(self.items[-1])

    def find(self, id):
        return dict(self.items[id - 1]) if id and id <= len(self.items) else None

    def total(self):
        return sum(item["price"] for item in self.items)


def make_stock():
    return Stock()
