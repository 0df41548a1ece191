# rejected by: importing_needs_no_framework
# No file is opened any more, but the job still cannot import the rule without FastAPI.
import sqlite3
from contextlib import closing

from fastapi import FastAPI


def fee(days, rate):
    return rate * days


def make_app(path, rate):
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
