# rejected by: counts_what_waiting_costs
# Counts the delay as certain. Nobody waits for what nobody needs.
def decide(chance, build, carry, months, later, delay=0):
    now, wait = build + carry * months, chance * later + delay
    return "now" if now < wait else "wait"


def break_even(build, carry, months, later, delay=0):
    certain, at_need = build + carry * months, later + delay
    if not at_need or certain > at_need:
        return None
    return certain / at_need
