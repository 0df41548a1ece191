# rejected by: sends_in_order
# The order is that of the tasks, not of the ids.
def relay(connection, send):
    count = 0
    for id, task in connection.execute("SELECT id, task FROM outbox WHERE sent = 0 ORDER BY task").fetchall():
        try:
            send(id, task)
        except Exception:
            break
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        connection.commit()
        count += 1
    return count
