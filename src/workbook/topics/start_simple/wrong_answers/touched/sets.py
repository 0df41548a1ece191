# rejected by: sees_order_and_repetition
# A set knows neither how often a line stands nor where.
def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            counts["files"] += 1
            old = set(before.get(path, "").splitlines())
            new = set(after.get(path, "").splitlines())
            counts["added"] += len(new - old)
            counts["removed"] += len(old - new)
    return counts
