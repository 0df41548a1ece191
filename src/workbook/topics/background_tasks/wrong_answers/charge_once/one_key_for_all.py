# rejected by: keeps_orders_apart
# One key for every order: the provider takes the second order for a repetition of the first.
def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        payments.charge("charge", orders.amount(order_id))
        orders.save(order_id, "paid")
    return orders.status(order_id)
