# rejected by: stops_at_the_first_failure
# It goes on behind a row that failed, and so breaks the order.
def relay(connection, send):
    count = 0
    query = "SELECT id, task FROM outbox WHERE sent = 0 ORDER BY id"
    for id, task in connection.execute(query).fetchall():
        try:
            send(id, task)
        except Exception:
            continue
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        connection.commit()
        count += 1
    return count
