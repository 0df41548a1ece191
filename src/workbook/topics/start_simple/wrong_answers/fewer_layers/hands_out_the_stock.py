# rejected by: hands_out_copies
# The mapper made a new dictionary each time; without it callers hold the stock in their hands.
class Stock:
    def __init__(self):
        self.items = {}

    def add(self, name, price):
        name = " ".join(name.split())
        if price < 0:
            raise ValueError(price)
        if name.lower() in [item["name"].lower() for item in self.items.values()]:
            raise ValueError(name)
        id = len(self.items) + 1
        self.items[id] = {"id": id, "name": name, "price": price}
        return self.items[id]

    def find(self, id):
        return self.items.get(id)

    def total(self):
        return sum(item["price"] for item in self.items.values())


def make_stock():
    return Stock()
