# rejected by: amounts_are_written_in_one_place
# The reminder's amount is right now, and written in a second place, as it was before.
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
    due = f"total: {total(order) / 100:.2f}"
    return f"Reminder {order['id']}\n{due}\nPlease pay within {days} days."
