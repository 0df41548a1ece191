# rejected by: counts_changed_lines
# split() finds one more line, an empty one, behind a last line break.
from difflib import ndiff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            counts["files"] += 1
            for line in ndiff(before.get(path, "").split("\n"), after.get(path, "").split("\n")):
                counts["added"] += line.startswith("+ ")
                counts["removed"] += line.startswith("- ")
    return counts
