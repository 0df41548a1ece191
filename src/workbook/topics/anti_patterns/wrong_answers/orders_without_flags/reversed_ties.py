# rejected by: sorts_and_keeps_ties
# Reversing the sorted list also reverses orders of the same date.
def select_orders(orders, *, status="all", newest_first=False):
    if status not in ("all", "paid", "open"):
        raise ValueError(f"unknown status {status!r}")
    chosen = sorted(orders, key=lambda order: order["placed"])
    if newest_first:
        chosen = chosen[::-1]
    return [o for o in chosen if status == "all" or o["paid"] == (status == "paid")]
