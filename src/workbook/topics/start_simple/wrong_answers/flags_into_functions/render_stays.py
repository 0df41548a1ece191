# rejected by: render_is_gone
# Repairs the amount and keeps the abstraction, whose next flag is due in a quarter.
def money(cents):
    return f"{cents / 100:.2f}"


def render(order, title, items, footer):
    text = [f"{title} {order['id']}"]
    text += [f"{name}: {money(cents)}" for name, cents in items]
    text += [f"total: {money(sum(cents for _, cents in order['lines']))}", footer]
    return "\n".join(text)


def receipt(order):
    total = sum(cents for _, cents in order["lines"])
    return render(order, "Receipt", order["lines"], f"VAT included: {money(round(total / 6))}")


def reminder(order, days):
    return render(order, "Reminder", [], f"Please pay within {days} days.")
