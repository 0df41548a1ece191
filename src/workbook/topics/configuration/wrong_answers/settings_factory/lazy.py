# rejected by: fails_at_once
# Builds the settings when the first request needs them: a missing variable is found by a customer.
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: SecretStr
    vat_percent: int = 25


def get_settings(request: Request):
    state = request.app.state
    state.settings = state.settings
    return state.settings


router = APIRouter()


@router.get("/price/{cents}")
def price(cents: int, settings: Settings = Depends(get_settings)):
    return {"gross": cents * (100 + settings.vat_percent) // 100}


def create_app(settings=None):
    app = FastAPI()
    app.state.settings = settings
    app.include_router(router)
    return app
