# rejected by: never_exceeds_the_cap
# The first pause is the base, whatever the cap.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError
    if attempt == 1:
        return base * draw()
    return min(cap, base * 2 ** min(attempt - 1, 60)) * draw()
