# rejected by: importing_opens_no_file
# The table is made later, but the connection is still opened by whoever imports.
import sqlite3

db = sqlite3.connect("loans.db", check_same_thread=False)


def fee(days, rate):
    return rate * days


def make_app(path, rate):
    from fastapi import FastAPI

    global db
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, days INTEGER)")
    app = FastAPI()

    @app.post("/loans", status_code=201)
    def lend(days: int):
        with db:
            sql = "INSERT INTO loan (days) VALUES (?) RETURNING id"
            [(id,)] = db.execute(sql, (days,)).fetchall()
        return {"id": id, "fee": fee(days, rate)}

    return app
