# rejected by: survives_a_kill_at_any_moment
# The key is right, but an order that was left in "processing" is never looked at again.
def charge(order_id, orders, payments):
    if orders.status(order_id) == "pending":
        orders.save(order_id, "processing")
        payments.charge(str(order_id), orders.amount(order_id))
        orders.save(order_id, "paid")
    return orders.status(order_id)
