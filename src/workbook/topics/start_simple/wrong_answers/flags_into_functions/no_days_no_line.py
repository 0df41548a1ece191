# rejected by: a_reminder_reads_right
# `is not None` became plain truth, and 0 days are false.
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
    text = f"Reminder {order['id']}\ntotal: {money(total(order))}"
    if days:
        text += f"\nPlease pay within {days} days."
    return text
