# rejected by: refuses_an_unknown_status
# A typing error in the status silently means "all".
def select_orders(orders, *, status="all", newest_first=False):
    chosen = list(orders)
    if status == "paid":
        chosen = [order for order in chosen if order["paid"]]
    elif status == "open":
        chosen = [order for order in chosen if not order["paid"]]
    return sorted(chosen, key=lambda order: order["placed"], reverse=newest_first)
