# rejected by: never_exceeds_the_cap
# 1.0 * 2**4999 is too large for a float.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError(attempt)
    return min(cap, base * 2 ** (attempt - 1)) * draw()
