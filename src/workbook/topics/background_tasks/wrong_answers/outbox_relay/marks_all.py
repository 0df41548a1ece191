# rejected by: leaves_new_rows_for_the_next_run
# After the last row it marks everything that is there, also what came in meanwhile and was never sent.
def relay(connection, send):
    count = 0
    query = "SELECT id, task FROM outbox WHERE sent = 0 ORDER BY id"
    for id, task in connection.execute(query).fetchall():
        try:
            send(id, task)
        except Exception:
            return count
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        connection.commit()
        count += 1
    connection.execute("UPDATE outbox SET sent = 1")
    connection.commit()
    return count
