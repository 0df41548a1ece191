# rejected by: keeps_applications_apart
# Empties the cache for each application, and overrides it; but the applications share one object.
from functools import lru_cache

from fastapi import Depends, FastAPI
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: SecretStr
    vat_percent: int = 25


@lru_cache
def get_settings():
    return Settings()


app = FastAPI()


@app.get("/price/{cents}")
def price(cents: int, settings: Settings = Depends(get_settings)):
    return {"gross": cents * (100 + settings.vat_percent) // 100}


def create_app(settings=None):
    get_settings.cache_clear()
    made = settings or get_settings()
    app.dependency_overrides[get_settings] = lambda: made
    return app
