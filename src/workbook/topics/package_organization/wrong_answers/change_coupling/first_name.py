# rejected by: sorts_by_share
# Of two pairs that begin with the same file, the second name decides.
from collections import Counter
from itertools import combinations


def change_coupling(log, largest):
    ch, to = Counter(), Counter()
    for block in ("\n" + log).split("\n== ")[1:]:
        files = {l for l in block.split("\n")[1:] if l}
        if len(files) <= largest:
            ch.update(files)
            to.update(combinations(sorted(files), 2))
    rows = [(a, b, n, ch[a] + ch[b] - n) for (a, b), n in to.items() if n > 1]
    return sorted(rows, key=lambda r: (-r[2] / r[3], -r[2], r[0]))
