# rejected by: reads_paths_with_spaces
# split() takes a path with a space for two.
from collections import Counter
from itertools import combinations


def commits_of(log):
    commits = []
    for line in log.splitlines():
        if line.startswith("== "):
            commits.append(set())
        elif line:
            commits[-1].update(line.split())
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
        if count > 1
    ]
    return sorted(rows, key=lambda row: (-row[2] / row[3], -row[2], row[:2]))
