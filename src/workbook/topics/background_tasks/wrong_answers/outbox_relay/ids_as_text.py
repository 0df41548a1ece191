# rejected by: sends_in_order
# As text, "10" comes before "6".
def relay(connection, send):
    count = 0
    rows = connection.execute("SELECT id, task FROM outbox WHERE sent = 0").fetchall()
    for id, task in sorted(rows, key=lambda row: str(row[0])):
        try:
            send(id, task)
        except Exception:
            break
        connection.execute("UPDATE outbox SET sent = 1 WHERE id = ?", [id])
        connection.commit()
        count += 1
    return count
