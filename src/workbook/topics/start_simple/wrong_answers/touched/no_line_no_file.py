# rejected by: counts_changed_lines
# Goes by the lines, and misses a file of which only the line ends were changed.
from difflib import ndiff


def touched(before, after):
    counts = {"files": 0, "added": 0, "removed": 0}
    for path in before.keys() | after.keys():
        d = [
            l[:2]
            for l in ndiff(before.get(path, "").splitlines(), after.get(path, "").splitlines())
        ]
        a, r = d.count("+ "), d.count("- ")
        if a or r or (path in before) != (path in after):
            counts["files"] += 1
        counts["added"] += a
        counts["removed"] += r
    return counts
