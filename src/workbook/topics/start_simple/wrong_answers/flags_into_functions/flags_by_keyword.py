# rejected by: no_function_is_called_with_a_boolean
# The flags are options now, which the signature no longer tells, and as many as before.
def money(cents):
    return f"{cents / 100:.2f}"


def text_of(order, **options):
    total = sum(cents for _, cents in order["lines"])
    text = [f"{options['title']} {order['id']}"]
    if options.get("items"):
        text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text.append(f"total: {money(total)}")
    if options.get("vat"):
        text.append(f"VAT included: {money(round(total / 6))}")
    if "days" in options:
        text.append(f"Please pay within {options['days']} days.")
    return "\n".join(text)


def receipt(order):
    return text_of(order, title="Receipt", items=True, vat=True)


def reminder(order, days):
    return text_of(order, title="Reminder", days=days)
