# rejected by: survives_a_kill_at_any_moment
# It marks first: a kill in between leaves an order that is "paid" and was never charged.
def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        orders.save(order_id, "paid")
        payments.charge(str(order_id), orders.amount(order_id))
    return orders.status(order_id)
