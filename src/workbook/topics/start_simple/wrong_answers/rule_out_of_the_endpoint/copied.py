# rejected by: the_rule_stands_once
# Writes the function and leaves the old rule in the endpoint: from now on there are two.
from datetime import date

from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    return min(50 * max((today - due).days, 0), 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    days = (date.today() - DUE[id]).days
    fee = 0
    if days > 0:
        fee = min(50 * days, 1000)
    return {"fee": fee}
