# rejected by: lists_each_pair_once
# Without sorting, (a, b) and (b, a) are counted apart.
from collections import Counter
from itertools import combinations


def commits_of(log):
    commits = []
    for line in log.splitlines():
        if line.startswith("== "):
            commits.append([])
        elif line:
            commits[-1].append(line)
    return commits


def change_coupling(log, largest):
    changes, together = Counter(), Counter()
    for files in commits_of(log):
        if len(files) <= largest:
            changes.update(files)
            together.update(combinations(files, 2))
    rows = [
        (first, second, count, changes[first] + changes[second] - count)
        for (first, second), count in together.items()
        if count > 1
    ]
    return sorted(rows, key=lambda row: (-row[2] / row[3], -row[2], row[:2]))
