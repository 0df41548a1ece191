# rejected by: survives_a_kill_at_any_moment
# The keys are kept in memory, and die with the worker.
import uuid
KEYS = {}
def charge(order_id, orders, payments):
    if orders.status(order_id) != "paid":
        key = KEYS.setdefault(order_id, str(uuid.uuid4()))
        payments.charge(key, orders.amount(order_id))
        orders.save(order_id, "paid")
    return orders.status(order_id)
