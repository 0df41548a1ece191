# rejected by: reads_the_environment_each_time
# The settings live in a global, so each new application changes those that are there.
from fastapi import APIRouter, Depends, FastAPI
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: SecretStr
    vat_percent: int = 25


current = None


def get_settings():
    return current


router = APIRouter()


@router.get("/price/{cents}")
def price(cents: int, settings: Settings = Depends(get_settings)):
    return {"gross": cents * (100 + settings.vat_percent) // 100}


def create_app(settings=None):
    global current
    current = settings or Settings()
    app = FastAPI()
    app.include_router(router)
    return app
