# rejected by: the_endpoint_answers_as_before
# A loan that is not there costs nothing, where the old endpoint failed.
from datetime import date
from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    return min(50 * max((today - due).days, 0), 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    today = date.today()
    return {"fee": late_fee(DUE.get(id, today), today)}
