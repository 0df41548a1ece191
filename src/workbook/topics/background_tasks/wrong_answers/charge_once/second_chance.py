# rejected by: survives_a_kill_at_any_moment
# It survives one kill; after the second, nobody touches the order again.
def charge(order_id, orders, payments):
    following = {"pending": "processing", "processing": "recovering"}
    status = orders.status(order_id)
    if status in following:
        orders.save(order_id, following[status])
        payments.charge(str(order_id), orders.amount(order_id))
        orders.save(order_id, "paid")
    return orders.status(order_id)
