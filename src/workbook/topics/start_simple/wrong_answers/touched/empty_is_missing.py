# rejected by: counts_new_and_removed_files
# A new, empty __init__.py has the same text as a file that is not there.
from difflib import ndiff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            counts["files"] += 1
            for line in ndiff(old.splitlines(), new.splitlines()):
                counts["added"] += line.startswith("+ ")
                counts["removed"] += line.startswith("- ")
    return counts
