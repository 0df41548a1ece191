# rejected by: never_exceeds_the_cap
# A small base never reaches a large cap: the exponent stops at 16.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError(attempt)
    return min(cap, base * 2 ** min(attempt - 1, 16)) * draw()
