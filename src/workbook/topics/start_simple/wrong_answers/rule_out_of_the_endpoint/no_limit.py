# rejected by: charges_1000_at_most
# Lost the limit on the way out of the endpoint.
from datetime import date

from fastapi import FastAPI

app = FastAPI()
DUE = {}


def late_fee(due, today):
    days = (today - due).days
    return 50 * days if days > 0 else 0


@app.get("/loans/{id}/late_fee")
def show_late_fee(id: int):
    return {"fee": late_fee(DUE[id], date.today())}
