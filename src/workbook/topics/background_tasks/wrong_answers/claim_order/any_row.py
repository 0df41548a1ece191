# rejected by: refuses_what_is_not_pending
# The statement has no condition on the status: whoever comes, claims.
def claim(connection, order_id):
    query = "UPDATE orders SET status = 'processing' WHERE id = ?"
    return connection.execute(query, [order_id]).rowcount == 1
