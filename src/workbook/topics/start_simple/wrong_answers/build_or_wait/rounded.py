# rejected by: finds_the_break_even
# Rounds for people to read, so that a caller who compares gets it wrong near the edge.
def decide(chance, build, carry, months, later, delay=0):
    return "now" if build + carry * months < chance * (later + delay) else "wait"


def break_even(build, carry, months, later, delay=0):
    certain, need = build + carry * months, later + delay
    if not need or certain > need:
        return None
    return round(certain / need, 2)
