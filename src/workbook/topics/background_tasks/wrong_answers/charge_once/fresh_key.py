# rejected by: survives_a_kill_at_any_moment
# A key that is made for each attempt is no key: the provider cannot know that it is the same order.
import uuid


def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        payments.charge(str(uuid.uuid4()), orders.amount(order_id))
        orders.save(order_id, "paid")
    return orders.status(order_id)
