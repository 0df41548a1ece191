# rejected by: weighs_certain_against_likely
# Takes a break-even chance of 0 for no chance, since both are false.
def break_even(build, carry, months, later, delay=0):
    certain, need = build + carry * months, later + delay
    if not need or certain > need:
        return None
    return certain / need


def decide(chance, build, carry, months, later, delay=0):
    edge = break_even(build, carry, months, later, delay)
    return "now" if edge and chance > edge else "wait"
