# rejected by: sorts_and_keeps_ties
# Orders of one date are sorted by id, and not left as they came.
def select_orders(orders, *, status="all", newest_first=False):
    if status not in ("all", "paid", "open"):
        raise ValueError(status)
    found = sorted(
        (o for o in orders if status == "all" or o["paid"] == (status == "paid")),
        key=lambda o: o["id"],
    )
    return sorted(found, key=lambda o: o["placed"], reverse=newest_first)
