# rejected by: marks_after_sending
# A crash between mark and send loses the task for good.
def relay(connection, send):
    count = 0
    query = "SELECT id, task FROM outbox WHERE sent = 0 ORDER BY id"
    for id, task in connection.execute(query).fetchall():
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        try:
            send(id, task)
        except Exception:
            connection.rollback()
            break
        connection.commit()
        count += 1
    return count
