# rejected by: runs_three_functions_at_most
# The classes are gone, and each layer is now a function: as many stops as before.
def make_stock():
    return Stock()


class Stock:
    def __init__(self):
        self.items = {}

    def add(self, name, price):
        return to_dict(execute(self, to_item(name, price)))

    def find(self, id):
        return to_dict(self.items[id]) if id in self.items else None

    def total(self):
        return sum(item["price"] for item in self.items.values())


def to_item(name, price):
    return {"name": " ".join(name.split()), "price": price}


def to_dict(item):
    return dict(item)


def execute(stock, item):
    check(stock, item)
    return store(stock, item)


def check(stock, item):
    if item["price"] < 0:
        raise ValueError(item["price"])
    if item["name"].lower() in [other["name"].lower() for other in stock.items.values()]:
        raise ValueError(item["name"])


def store(stock, item):
    id = len(stock.items) + 1
    stock.items[id] = {"id": id, **item}
    return stock.items[id]
