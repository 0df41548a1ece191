# rejected by: can_be_overridden
# The endpoint takes the settings from the factory's scope, where no test can reach them.
from fastapi import FastAPI
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: SecretStr
    vat_percent: int = 25


def get_settings():
    return Settings()


def create_app(settings=None):
    settings = settings or Settings()
    app = FastAPI()

    @app.get("/price/{cents}")
    def price(cents: int):
        return {"gross": cents * (100 + settings.vat_percent) // 100}

    return app
