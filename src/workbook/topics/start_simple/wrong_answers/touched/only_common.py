# rejected by: counts_new_and_removed_files
# Compares what is in both, and never sees a file that is new or gone.
from difflib import ndiff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() & after.keys():
        if before[path] != after[path]:
            counts["files"] += 1
            for line in ndiff(before[path].splitlines(), after[path].splitlines()):
                counts["added"] += line.startswith("+ ")
                counts["removed"] += line.startswith("- ")
    return counts
