# rejected by: the_application_lends
# Closing a connection is not committing: the client has an answer, and the table has no row.
import sqlite3
from contextlib import closing


def fee(days, rate):
    return rate * days


def make_app(path, rate):
    from fastapi import FastAPI

    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, days INTEGER)")
    app = FastAPI()

    @app.post("/loans", status_code=201)
    def lend(days: int):
        with closing(sqlite3.connect(path)) as db:
            sql = "INSERT INTO loan (days) VALUES (?) RETURNING id"
            [(id,)] = db.execute(sql, (days,)).fetchall()
        return {"id": id, "fee": fee(days, rate)}

    return app
