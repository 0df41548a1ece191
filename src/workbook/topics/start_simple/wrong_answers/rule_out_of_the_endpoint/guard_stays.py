# rejected by: the_rule_stands_once
# The endpoint still says when nothing is due: half of the rule stands twice.
from datetime import date
from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    return min(50 * max((today - due).days, 0), 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    today = date.today()
    if today <= DUE[id]:
        return {"fee": 0}
    return {"fee": late_fee(DUE[id], today)}
