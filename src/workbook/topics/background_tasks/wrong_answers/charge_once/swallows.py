# rejected by: passes_a_lost_connection_on
# The lost connection is swallowed: the queue takes the task for done, and nobody tries again.
def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        try:
            payments.charge(str(order_id), orders.amount(order_id))
        except ConnectionError:
            return "pending"
        orders.save(order_id, "paid")
    return orders.status(order_id)
