# rejected by: counts_what_waiting_costs
# Gives a parameter another name, which breaks whoever names it in a call.
def decide(chance, build, carry, months, later, wait_cost=0):
    now, wait = build + carry * months, chance * (later + wait_cost)
    return "now" if now < wait else "wait"


def break_even(build, carry, months, later, wait_cost=0):
    certain, at_need = build + carry * months, later + wait_cost
    if not at_need or certain > at_need:
        return None
    return certain / at_need
