# rejected by: uses_what_it_is_given
# Builds settings from the environment first, and only then looks at what it was given.
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


def create_app(settings=None):
    app = FastAPI()
    app.state.settings = Settings()
    if settings is not None:
        app.state.settings = settings
    app.include_router(router)
    return app
