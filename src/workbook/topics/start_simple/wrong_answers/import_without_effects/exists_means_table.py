# rejected by: a_restart_keeps_what_is_there
# Takes a file that is there for a table that is there.
import sqlite3
from contextlib import closing


def fee(days, rate):
    return rate * days


def make_app(path, rate):
    from fastapi import FastAPI

    def query(sql, *values):
        with closing(sqlite3.connect(path)) as db, db:
            return db.execute(sql, values).fetchall()

    import os

    if not os.path.exists(path):
        query("CREATE TABLE loan (id INTEGER PRIMARY KEY, days INTEGER)")
    app = FastAPI()

    @app.post("/loans", status_code=201)
    def lend(days: int):
        [(id,)] = query("INSERT INTO loan (days) VALUES (?) RETURNING id", days)
        return {"id": id, "fee": fee(days, rate)}

    return app
