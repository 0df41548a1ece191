# rejected by: leaves_the_commit_to_the_caller
# It ends the transaction when there was nothing to claim; it was the caller's, with other work in it.
def claim(connection, order_id):
    query = "UPDATE orders SET status = 'processing' WHERE id = ? AND status = 'pending'"
    if connection.execute(query, [order_id]).rowcount == 1:
        return True
    connection.commit()
    return False
