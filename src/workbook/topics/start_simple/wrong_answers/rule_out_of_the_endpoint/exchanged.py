# rejected by: the_endpoint_answers_as_before
# The function is right, and the endpoint passes the two dates the wrong way round.
from datetime import date

from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    return min(50 * max((today - due).days, 0), 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    return {"fee": late_fee(date.today(), DUE[id])}
