# rejected by: never_exceeds_the_cap
# The cap comes after the jitter: every long pause is exactly the cap, and the herd is back.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError(attempt)
    return min(cap, base * 2 ** min(attempt - 1, 50) * draw())
