# rejected by: survives_a_kill_at_any_moment
# It counts on its own except to set the order back; a killed process runs none.
def charge(order_id, orders, payments):
    if orders.status(order_id) == "pending":
        try:
            orders.save(order_id, "processing")
            payments.charge(str(order_id), orders.amount(order_id))
            orders.save(order_id, "paid")
        except BaseException:
            orders.save(order_id, "pending")
            raise
    return orders.status(order_id)
