# rejected by: counts_changed_lines
# Compares lines without the space around them, and misses what was indented.
from difflib import ndiff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            counts["files"] += 1
            old = [l.strip() for l in before.get(path, "").splitlines()]
            new = [l.strip() for l in after.get(path, "").splitlines()]
            for line in ndiff(old, new):
                counts["added"] += line.startswith("+ ")
                counts["removed"] += line.startswith("- ")
    return counts
