# rejected by: leaves_the_commit_to_the_caller
# It begins with a clean transaction, and so commits what the caller had not finished.
def claim(connection, order_id):
    connection.commit()
    query = "UPDATE orders SET status = 'processing' WHERE id = ? AND status = 'pending'"
    return connection.execute(query, [order_id]).rowcount == 1
