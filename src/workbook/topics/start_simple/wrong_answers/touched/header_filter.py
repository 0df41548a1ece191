# rejected by: is_not_misled_by_marks_in_the_text
# Takes each line that begins with --- or +++ for a header of the diff.
from difflib import unified_diff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            counts["files"] += 1
            old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
            for line in unified_diff(old, new, lineterm=""):
                if line.startswith("+") and not line.startswith("+++"):
                    counts["added"] += 1
                if line.startswith("-") and not line.startswith("---"):
                    counts["removed"] += 1
    return counts
