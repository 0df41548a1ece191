# rejected by: leaves_the_list_alone
# Without orders it gives back the list that was passed.
def select_orders(orders, *, status="all", newest_first=False):
    if status not in ("all", "paid", "open"):
        raise ValueError(status)
    if not orders:
        return orders
    return sorted(
        [o for o in orders if status == "all" or o["paid"] == (status == "paid")],
        key=lambda o: o["placed"],
        reverse=newest_first,
    )
