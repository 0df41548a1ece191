# rejected by: commits_each_row
# One commit at the end: when the process dies at the last row, all of them are sent again.
def relay(connection, send):
    count = 0
    query = "SELECT id, task FROM outbox WHERE sent = 0 ORDER BY id"
    for id, task in connection.execute(query).fetchall():
        try:
            send(id, task)
        except Exception:
            break
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        count += 1
    connection.commit()
    return count
