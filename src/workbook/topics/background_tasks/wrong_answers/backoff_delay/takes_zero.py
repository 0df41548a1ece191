# rejected by: refuses_attempts_below_one
# A wrong count of attempts goes unnoticed, and gives half the base.
def delay(attempt, draw, base=1.0, cap=60.0):
    return min(cap, base * 2 ** min(attempt - 1, 50)) * draw()
