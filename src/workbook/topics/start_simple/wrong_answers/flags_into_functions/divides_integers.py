# rejected by: money_writes_an_amount
# Integer division rounds down, so -5 cents become -1.95.
def money(cents):
    return f"{cents // 100}.{cents % 100:02}"


def total(order):
    return sum(cents for _, cents in order["lines"])


def receipt(order):
    text = [f"Receipt {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text += [f"total: {money(total(order))}"]
    text += [f"VAT included: {money(round(total(order) / 6))}"]
    return "\n".join(text)


def reminder(order, days):
    due = f"total: {money(total(order))}"
    return f"Reminder {order['id']}\n{due}\nPlease pay within {days} days."
