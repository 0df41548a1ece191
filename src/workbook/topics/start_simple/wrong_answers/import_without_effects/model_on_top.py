# rejected by: importing_needs_no_framework
# FastAPI moved into make_app(), and its Pydantic model stayed at the top.
import sqlite3
from contextlib import closing
from pydantic import BaseModel


class Loan(BaseModel):
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
    def lend(days: int) -> Loan:
        [(id,)] = query("INSERT INTO loan (days) VALUES (?) RETURNING id", days)
        return Loan(id=id, fee=fee(days, rate))

    return app
