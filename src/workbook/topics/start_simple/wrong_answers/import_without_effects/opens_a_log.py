# rejected by: importing_opens_no_file
# No database any more, but a log file, in a folder that nobody looks into.
import sqlite3, logging, tempfile, os
from contextlib import closing

log = logging.FileHandler(os.path.join(tempfile.gettempdir(), "loans.log"))


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
        [(id,)] = query("INSERT INTO loan (days) VALUES (?) RETURNING id", days)
        return {"id": id, "fee": fee(days, rate)}

    return app
