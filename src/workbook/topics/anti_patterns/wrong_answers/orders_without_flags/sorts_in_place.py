# rejected by: leaves_the_list_alone
# The caller's list comes back in another order.
def select_orders(orders, *, status="all", newest_first=False):
    if status not in ("all", "paid", "open"):
        raise ValueError(f"unknown status {status!r}")
    orders = orders if isinstance(orders, list) else list(orders)
    orders.sort(key=lambda order: order["placed"], reverse=newest_first)
    return [o for o in orders if status == "all" or o["paid"] == (status == "paid")]
