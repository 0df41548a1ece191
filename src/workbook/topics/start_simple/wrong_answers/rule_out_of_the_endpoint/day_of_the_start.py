# rejected by: the_endpoint_answers_as_before
# Asks for the day once, at import; a service that runs for a week lives on its first day.
from datetime import date
from fastapi import FastAPI

app = FastAPI()
DUE = {}
TODAY = date.today()


def late_fee(due, today):
    return min(50 * max((today - due).days, 0), 1000)


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    return {"fee": late_fee(DUE[id], TODAY)}
