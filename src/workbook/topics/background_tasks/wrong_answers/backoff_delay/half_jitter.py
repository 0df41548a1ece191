# rejected by: spreads_the_pauses
# "Equal jitter": half of the pause is fixed, so that nobody ever tries early.
def delay(attempt, draw, base=1.0, cap=60.0):
    if attempt < 1:
        raise ValueError(attempt)
    limit = min(cap, base * 2 ** min(attempt - 1, 50))
    return limit / 2 + limit / 2 * draw()
