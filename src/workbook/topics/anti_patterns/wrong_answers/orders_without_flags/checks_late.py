# rejected by: refuses_an_unknown_status
# The status is looked at for each order, so with no orders nobody looks.
def select_orders(orders, *, status="all", newest_first=False):
    def wanted(order):
        if status == "all":
            return True
        if status in ("paid", "open"):
            return order["paid"] == (status == "paid")
        raise ValueError(f"unknown status {status!r}")

    chosen = [order for order in orders if wanted(order)]
    return sorted(chosen, key=lambda order: order["placed"], reverse=newest_first)
