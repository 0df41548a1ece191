# rejected by: spreads_the_pauses
# Where the power overflows, a second number is drawn.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError(attempt)
    jitter = draw()
    try:
        limit = base * 2.0 ** (attempt - 1)
    except OverflowError:
        return cap * draw()
    return min(cap, limit) * jitter
