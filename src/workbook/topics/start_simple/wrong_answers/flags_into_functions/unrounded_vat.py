# rejected by: a_receipt_reads_as_before
# Leaves the rounding to money(), which rounds another half cent than round() did.
def money(cents):
    return f"{cents / 100:.2f}"


def total(order):
    return sum(cents for _, cents in order["lines"])


def receipt(order):
    text = [f"Receipt {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text += [f"total: {money(total(order))}"]
    text += [f"VAT included: {money(total(order) / 6)}"]
    return "\n".join(text)


def reminder(order, days):
    return f"Reminder {order['id']}\ntotal: {money(total(order))}\nPlease pay within {days} days."
