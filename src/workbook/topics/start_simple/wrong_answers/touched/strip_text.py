# rejected by: counts_changed_lines
# strip() takes blank lines and an indent with it, so that their change goes unseen.
from difflib import ndiff


def lines_of(text):
    return text.strip().splitlines()


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
