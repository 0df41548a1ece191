# rejected by: survives_a_kill_at_any_moment
# The hash of a text is another one in each process, so it is no key.
def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        payments.charge(str(hash(f"order-{order_id}")), orders.amount(order_id))
        orders.save(order_id, "paid")
    return orders.status(order_id)
