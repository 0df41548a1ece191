# rejected by: reads_paths_with_spaces
# Splits wherever `== ` stands, also in the middle of a path.
from collections import defaultdict
def change_coupling(log, largest):
    seen = defaultdict(set)
    for n, block in enumerate(log.split("== ")[1:]):
        names = block.splitlines()[2:]
        if len(names) > largest:
            continue
        for f in names:
            seen[f].add(n)
    rows = []
    for a in sorted(seen):
        for b in sorted(seen):
            if a < b and len(seen[a] & seen[b]) > 1:
                rows.append((a, b, len(seen[a] & seen[b]), len(seen[a] | seen[b])))
    rows.sort(key=lambda r: r[2], reverse=True)
    return sorted(rows, key=lambda r: r[2] / r[3], reverse=True)
