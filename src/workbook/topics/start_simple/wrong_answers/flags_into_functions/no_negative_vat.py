# rejected by: a_receipt_reads_as_before
# A new rule: no VAT below 0, although a credit contains some.
def money(cents):
    return f"{cents / 100:.2f}"


def total(order):
    return sum(cents for _, cents in order["lines"])


def receipt(order):
    text = [f"Receipt {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text += [f"total: {money(total(order))}"]
    text += [f"VAT included: {money(max(0, round(total(order) / 6)))}"]
    return "\n".join(text)


def reminder(order, days):
    due = f"total: {money(total(order))}"
    return f"Reminder {order['id']}\n{due}\nPlease pay within {days} days."
