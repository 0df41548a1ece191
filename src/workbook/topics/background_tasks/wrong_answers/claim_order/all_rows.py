# rejected by: claims_a_pending_order
# The id is missing: all pending orders are claimed at once.
def claim(connection, order_id):
    query = "UPDATE orders SET status = 'processing' WHERE status = 'pending'"
    return connection.execute(query).rowcount > 0
