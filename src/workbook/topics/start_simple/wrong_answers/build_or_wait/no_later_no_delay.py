# rejected by: counts_what_waiting_costs
# Looks at `later` alone; a delay costs, too, where adding costs nothing.
def decide(chance, build, carry, months, later, delay=0):
    if later == 0:
        return "wait"
    return "now" if build + carry * months < chance * (later + delay) else "wait"


def break_even(build, carry, months, later, delay=0):
    c, n = build + carry * months, later + delay
    if not n or c > n:
        return None
    return c / n
