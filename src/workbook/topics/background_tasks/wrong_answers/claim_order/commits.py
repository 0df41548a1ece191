# rejected by: leaves_the_commit_to_the_caller
# The claim is committed on its own: after a crash before the effect, nobody will ever process the order.
def claim(connection, order_id):
    query = "UPDATE orders SET status = 'processing' WHERE id = ? AND status = 'pending'"
    claimed = connection.execute(query, [order_id]).rowcount == 1
    connection.commit()
    return claimed
