# rejected by: lets_one_of_two_rivals_through
# Looking again afterwards does not help: it sees what it has just written itself.
def claim(connection, order_id):
    query = "SELECT status FROM orders WHERE id = ?"
    row = connection.execute(query, [order_id]).fetchone()
    if row is None or row[0] != "pending":
        return False
    connection.execute("UPDATE orders SET status = 'processing' WHERE id = ?", [order_id])
    return connection.execute(query, [order_id]).fetchone()[0] == "processing"
