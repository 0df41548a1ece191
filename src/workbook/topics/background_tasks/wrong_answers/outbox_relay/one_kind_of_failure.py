# rejected by: stops_at_the_first_failure
# It is prepared for a broker that is away, and for no other exception.
def relay(connection, send):
    count = 0
    for id, task in connection.execute("SELECT id, task FROM outbox WHERE sent = 0 ORDER BY id").fetchall():
        try:
            send(id, task)
        except ConnectionError:
            break
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        connection.commit()
        count += 1
    return count
