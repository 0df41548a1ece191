# rejected by: a_receipt_reads_as_before
# A dictionary keeps one line of each name: two lines of nails are charged once.
def money(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) / 100:.2f}"


def total(order):
    return sum({name: cents for name, cents in order["lines"]}.values())


def receipt(order):
    text = [f"Receipt {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text += [f"total: {money(total(order))}"]
    text += [f"VAT included: {money(round(total(order) / 6))}"]
    return "\n".join(text)


def reminder(order, days):
    return f"Reminder {order['id']}\ntotal: {money(total(order))}\nPlease pay within {days} days."
