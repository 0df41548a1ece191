# rejected by: doubles_from_the_base
# The exponent begins at 1, so that the first pause is twice the base already.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError(attempt)
    return min(cap, base * 2 ** min(attempt, 50)) * draw()
