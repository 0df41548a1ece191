# rejected by: charges_nothing_before_the_due_date
# Keeps the upper limit and loses the lower one: early returns get money.
from datetime import date

from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    return min(50 * (today - due).days, 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    return {"fee": late_fee(DUE[id], date.today())}
