# rejected by: two_applications_are_apart
# make_app() writes its path to a global, so the second application takes the first one's file.
import sqlite3
from contextlib import closing

PATH, RATE = None, None


def fee(days, rate):
    return rate * days


def query(sql, *values):
    with closing(sqlite3.connect(PATH)) as db, db:
        return db.execute(sql, values).fetchall()


def lend(days: int):
    [(id,)] = query("INSERT INTO loan (days) VALUES (?) RETURNING id", days)
    return {"id": id, "fee": fee(days, RATE)}


def make_app(path, rate):
    global PATH, RATE
    from fastapi import FastAPI

    PATH, RATE = path, rate
    query("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, days INTEGER)")
    app = FastAPI()
    app.post("/loans", status_code=201)(lend)
    return app
