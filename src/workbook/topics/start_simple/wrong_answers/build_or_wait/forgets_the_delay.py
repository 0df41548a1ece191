# rejected by: finds_the_break_even
# decide() knows of the delay, break_even() does not: the two contradict one another.
def decide(chance, build, carry, months, later, delay=0):
    now, wait = build + carry * months, chance * (later + delay)
    return "now" if now < wait else "wait"


def break_even(build, carry, months, later, delay=0):
    certain = build + carry * months
    if not later or certain > later:
        return None
    return certain / later
