# rejected by: charges_for_each_day
# Takes `today` and then asks the clock all the same, so that a test gives another result each day.
from datetime import date

from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    return min(50 * max((date.today() - due).days, 0), 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    return {"fee": late_fee(DUE[id], date.today())}
