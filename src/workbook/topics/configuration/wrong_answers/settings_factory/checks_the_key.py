# rejected by: fails_at_once
# Looks after the variable that was missing last time, and validates no other.
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: SecretStr
    vat_percent: int = 25


def get_settings(request: Request):
    return request.app.state.settings


router = APIRouter()


@router.get("/price/{cents}")
def price(cents: int, settings: Settings = Depends(get_settings)):
    return {"gross": cents * (100 + settings.vat_percent) // 100}


import os


def create_app(settings=None):
    app = FastAPI()
    if settings is None:
        if "STRIPE_KEY" not in os.environ:
            raise RuntimeError("STRIPE_KEY is not set")
        vat = os.environ.get("VAT_PERCENT", "25")
        settings = Settings.model_construct(
            stripe_key=os.environ["STRIPE_KEY"], vat_percent=int(vat) if vat.isdigit() else 25
        )
    app.state.settings = settings
    app.include_router(router)
    return app
