# rejected by: fails_at_once
# A default for the key lets the module build its settings on import, and nothing is ever missing.
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: SecretStr = SecretStr("")
    vat_percent: int = 25


def get_settings(request: Request):
    return request.app.state.settings


router = APIRouter()


@router.get("/price/{cents}")
def price(cents: int, settings: Settings = Depends(get_settings)):
    return {"gross": cents * (100 + settings.vat_percent) // 100}


def create_app(settings=None):
    app = FastAPI()
    app.state.settings = settings or Settings()
    app.include_router(router)
    return app
