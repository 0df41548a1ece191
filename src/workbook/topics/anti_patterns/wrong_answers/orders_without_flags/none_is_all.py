# rejected by: refuses_an_unknown_status
# None is no status either, and here it is silently one.
def select_orders(orders, *, status="all", newest_first=False):
    if status is None:
        status = "all"
    if status not in ("all", "paid", "open"):
        raise ValueError(status)
    return sorted(
        (o for o in orders if status == "all" or o["paid"] == (status == "paid")),
        key=lambda o: o["placed"],
        reverse=newest_first,
    )
