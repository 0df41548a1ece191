# rejected by: no_function_is_called_with_a_boolean
# render has got another name and one flag less.
def money(cents):
    return f"{cents / 100:.2f}"


def text_of(order, is_receipt, days=None):
    total = sum(cents for _, cents in order["lines"])
    text = [f"{'Receipt' if is_receipt else 'Reminder'} {order['id']}"]
    if is_receipt:
        text += [f"{name}: {money(cents)}" for name, cents in order["lines"]]
    text.append(f"total: {money(total)}")
    if is_receipt:
        text.append(f"VAT included: {money(round(total / 6))}")
    else:
        text.append(f"Please pay within {days} days.")
    return "\n".join(text)


def receipt(order):
    return text_of(order, True)


def reminder(order, days):
    return text_of(order, False, days)
