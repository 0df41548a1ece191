# rejected by: leaves_the_commit_to_the_caller
# Where it refuses, it undoes what the caller has written before.
def claim(connection, order_id):
    query = "UPDATE orders SET status = 'processing' WHERE id = ? AND status = 'pending'"
    if connection.execute(query, [order_id]).rowcount != 1:
        connection.rollback()
        return False
    return True
