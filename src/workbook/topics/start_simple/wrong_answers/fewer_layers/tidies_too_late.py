# rejected by: refuses_what_it_refused
# Compares the name before it is tidied, so that space within makes it another one.
class Stock:
    def __init__(self):
        self.items = {}

    def add(self, name, price):
        if price < 0:
            raise ValueError(price)
        if name.strip().lower() in [item["name"].lower() for item in self.items.values()]:
            raise ValueError(name)
        id = len(self.items) + 1
        self.items[id] = {"id": id, "name": " ".join(name.split()), "price": price}
        return dict(self.items[id])

    def find(self, id):
        return dict(self.items[id]) if id in self.items else None

    def total(self):
        return sum(item["price"] for item in self.items.values())


def make_stock():
    return Stock()
