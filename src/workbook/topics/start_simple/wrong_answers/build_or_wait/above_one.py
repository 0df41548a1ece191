# rejected by: knows_when_there_is_none
# Gives 1.05 for a chance, and raises ZeroDivisionError where nothing is due later.
def decide(chance, build, carry, months, later, delay=0):
    now, wait = build + carry * months, chance * (later + delay)
    return "now" if now < wait else "wait"


def break_even(build, carry, months, later, delay=0):
    return (build + carry * months) / (later + delay)
