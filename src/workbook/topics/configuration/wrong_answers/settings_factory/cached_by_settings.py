# rejected by: can_be_overridden
# One application for each settings object, and not for each call.
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


apps = {}


def create_app(settings=None):
    if settings is None:
        settings = Settings()
    if id(settings) not in apps:
        app = FastAPI()
        app.state.settings = settings
        app.include_router(router)
        apps[id(settings)] = app, settings
    return apps[id(settings)][0]
