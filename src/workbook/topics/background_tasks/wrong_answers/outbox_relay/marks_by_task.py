# rejected by: leaves_new_rows_for_the_next_run
# It marks by the task: of two equal ones, the second is never sent.
def relay(connection, send):
    count = 0
    for id, task in connection.execute("SELECT id, task FROM outbox WHERE sent = 0 ORDER BY id").fetchall():
        try:
            send(id, task)
        except Exception:
            break
        connection.execute("UPDATE outbox SET sent = 1 WHERE task = ?", [task])
        connection.commit()
        count += 1
    return count
