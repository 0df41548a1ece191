# rejected by: importing_needs_no_framework
# The environment still decides behind the argument's back.
import sqlite3
from contextlib import closing


def fee(days, rate):
    import os

    return int(os.environ.get("RATE", rate)) * days


def make_app(path, rate):
    from fastapi import FastAPI

    def query(sql, *values):
        with closing(sqlite3.connect(path)) as db, db:
            return db.execute(sql, values).fetchall()

    query("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, days INTEGER)")
    app = FastAPI()

    @app.post("/loans", status_code=201)
    def lend(days: int):
        [(id,)] = query("INSERT INTO loan (days) VALUES (?) RETURNING id", days)
        return {"id": id, "fee": fee(days, rate)}

    return app
