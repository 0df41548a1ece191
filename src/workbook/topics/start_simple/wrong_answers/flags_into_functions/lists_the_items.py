# rejected by: a_reminder_reads_right
# The reminder was made of the receipt, and keeps its lines: `short` is lost.
def money(cents):
    return f"{cents / 100:.2f}"


def total(order):
    return sum(cents for _, cents in order["lines"])


def receipt(order):
    text = [f"Receipt {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text += [f"total: {money(total(order))}"]
    text += [f"VAT included: {money(round(total(order) / 6))}"]
    return "\n".join(text)


def reminder(order, days):
    text = [f"Reminder {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text += [f"total: {money(total(order))}", f"Please pay within {days} days."]
    return "\n".join(text)
