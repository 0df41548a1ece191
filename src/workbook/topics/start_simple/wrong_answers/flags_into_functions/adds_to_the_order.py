# rejected by: a_receipt_reads_as_before
# `+=` extends the caller's own list: the order grows with each receipt.
def money(cents):
    return f"{cents / 100:.2f}"


def receipt(order):
    lines = order["lines"]
    total = sum(cents for _, cents in lines)
    lines += [("total", total), ("VAT included", round(total / 6))]
    return "\n".join([f"Receipt {order['id']}", *(f"{n}: {money(c)}" for n, c in lines)])


def reminder(order, days):
    total = sum(cents for _, cents in order["lines"])
    return f"Reminder {order['id']}\ntotal: {money(total)}\nPlease pay within {days} days."
