# rejected by: keeps_orders_apart
# The key is made of the amount: of two orders that cost the same, one is never charged.
def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        amount = orders.amount(order_id)
        payments.charge(str(amount), amount)
        orders.save(order_id, "paid")
    return orders.status(order_id)
