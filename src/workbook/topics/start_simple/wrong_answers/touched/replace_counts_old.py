# rejected by: counts_changed_lines
# A replaced block has two lengths, and only the old one is looked at.
from difflib import SequenceMatcher


def touched(before, after):
    files = added = removed = 0
    for path in set(before) | set(after):
        a, b = before.get(path), after.get(path)
        if a == b:
            continue
        files += 1
        for tag, i1, i2, j1, j2 in SequenceMatcher(
            None, (a or "").splitlines(), (b or "").splitlines()
        ).get_opcodes():
            if tag == "insert":
                added += j2 - j1
            elif tag == "delete":
                removed += i2 - i1
            elif tag == "replace":
                added += i2 - i1
                removed += i2 - i1
    return {"files": files, "added": added, "removed": removed}
