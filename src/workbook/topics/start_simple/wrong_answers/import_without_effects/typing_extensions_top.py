# rejected by: importing_needs_no_framework
# typing_extensions is no part of Python: it comes with FastAPI.

import sqlite3
from contextlib import closing

from typing_extensions import TypedDict


class Answer(TypedDict):
    id: int
    fee: int


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
    def lend(days: int) -> Answer:
        [(id,)] = query("INSERT INTO loan (days) VALUES (?) RETURNING id", days)
        return {"id": id, "fee": fee(days, rate)}

    return app
