# rejected by: a_restart_keeps_what_is_there
# Counts rows in the place of asking for the id: wrong as soon as one has been deleted.
import sqlite3
from contextlib import closing


def fee(days, rate):
    return rate * days


def make_app(path, rate):
    from fastapi import FastAPI

    def query(sql, *values):
        with closing(sqlite3.connect(path)) as db, db:
            return db.execute(sql, values).fetchall()

    query("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, days INTEGER)")
    app = FastAPI()

    @app.post("/loans", status_code=201)
    def lend(days: int):
        query("INSERT INTO loan (days) VALUES (?)", days)
        [(id,)] = query("SELECT COUNT(*) FROM loan")
        return {"id": id, "fee": fee(days, rate)}

    return app
