# rejected by: leaves_the_list_alone
# The list is new, and the orders in it are the caller's, with other dates.
from datetime import date


def select_orders(orders, *, status="all", newest_first=False):
    if status not in ("all", "paid", "open"):
        raise ValueError(status)
    chosen = [o for o in orders if status == "all" or o["paid"] == (status == "paid")]
    for order in chosen:
        order["placed"] = date.fromisoformat(str(order["placed"]))
    return sorted(chosen, key=lambda o: o["placed"], reverse=newest_first)
