# rejected by: leaves_out_what_is_the_same
# Takes the files out of its caller's dictionaries as it counts them.
from difflib import ndiff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in list(before):
        old, new = before.pop(path), after.pop(path, None)
        if old != new:
            counts["files"] += 1
            for line in ndiff(old.splitlines(), (new or "").splitlines()):
                counts["added"] += line.startswith("+ ")
                counts["removed"] += line.startswith("- ")
    for path, new in after.items():
        counts["files"] += 1
        counts["added"] += len(new.splitlines())
    return counts
