# rejected by: counts_what_waiting_costs
# Divides by what is due later, which may be nothing.
def break_even(build, carry, months, later, delay=0):
    certain, at_need = build + carry * months, later + delay
    if not at_need or certain > at_need:
        return None
    return certain / at_need


def decide(chance, build, carry, months, later, delay=0):
    return "now" if chance > (build + carry * months) / (later + delay) else "wait"
