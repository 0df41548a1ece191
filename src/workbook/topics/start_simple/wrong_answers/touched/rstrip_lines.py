# rejected by: counts_changed_lines
# Strips more than the line end: a space at the end of a line is a change, too.
from difflib import ndiff


def lines_of(text):
    return [l.rstrip() for l in text.splitlines()]


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            counts["files"] += 1
            old, new = lines_of(before.get(path, "")), lines_of(after.get(path, ""))
            for line in ndiff(old, new):
                counts["added"] += line.startswith("+ ")
                counts["removed"] += line.startswith("- ")
    return counts
