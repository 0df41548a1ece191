# rejected by: takes_names_only
# Good names, and callers may still write select_orders(orders, "paid", True).
def select_orders(orders, status="all", newest_first=False):
    if status not in ("all", "paid", "open"):
        raise ValueError(f"unknown status {status!r}")
    wanted = {"all": (True, False), "paid": (True,), "open": (False,)}[status]
    chosen = [order for order in orders if order["paid"] in wanted]
    return sorted(chosen, key=lambda order: order["placed"], reverse=newest_first)
