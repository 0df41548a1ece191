# rejected by: doubles_from_the_base
# The exponent is bounded for the default cap: any larger one is never reached.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError
    return min(cap, base * 2 ** min(attempt - 1, 6)) * draw()
