# rejected by: counts_pairs
# Lists pairs that met a single time.
from collections import Counter
from itertools import combinations


def commits_of(log):
    commits = []
    for line in log.splitlines():
        if line.startswith("== "):
            commits.append(set())
        elif line:
            commits[-1].add(line)
    return commits


def change_coupling(log, largest):
    changes, together = Counter(), Counter()
    for files in commits_of(log):
        if len(files) <= largest:
            changes.update(files)
            together.update(combinations(sorted(files), 2))
    rows = [
        (first, second, count, changes[first] + changes[second] - count)
        for (first, second), count in together.items()
        if count
    ]
    return sorted(rows, key=lambda row: (-row[2] / row[3], -row[2], row[:2]))
