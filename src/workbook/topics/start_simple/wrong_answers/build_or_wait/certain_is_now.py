# rejected by: weighs_certain_against_likely
# Builds whatever is certain to be needed, at any price.
def decide(chance, build, carry, months, later, delay=0):
    if chance == 1:
        return "now"
    return "now" if build + carry * months < chance * (later + delay) else "wait"


def break_even(build, carry, months, later, delay=0):
    c, n = build + carry * months, later + delay
    if not n or c > n:
        return None
    return c / n
