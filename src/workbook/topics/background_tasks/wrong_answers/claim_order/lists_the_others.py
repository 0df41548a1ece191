# rejected by: refuses_what_is_not_pending
# It lists what may not be claimed, and whoever adds a status has to know of it.
def claim(connection, order_id):
    query = "UPDATE orders SET status = 'processing' WHERE id = ? AND status NOT IN ('processing', 'done')"
    return connection.execute(query, [order_id]).rowcount == 1
