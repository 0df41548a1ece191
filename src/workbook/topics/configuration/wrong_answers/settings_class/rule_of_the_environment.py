# rejected by: shares_its_dotenv
# The rule asks os.environ, and debug comes from the .env.
from typing import Annotated, Literal
from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="SHOP_",
        env_file=".env",
        extra="ignore",
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
    )
    environment: Literal["development", "staging", "production"]
    debug: bool = False
    database_url: SecretStr
    hosts: Annotated[list[str], NoDecode] = []

    @field_validator("environment", mode="before")
    @classmethod
    def any_case(cls, value):
        return value.lower()

    @field_validator("hosts", mode="before")
    @classmethod
    def by_commas(cls, value):
        return [host.strip() for host in value.split(",")] if isinstance(value, str) else value

    @model_validator(mode="after")
    def rule(self):
        import os

        if self.environment == "production" and os.environ.get("SHOP_DEBUG", "0").lower() in (
            "1",
            "on",
            "true",
            "yes",
        ):
            raise ValueError("debug must be off in production")
        return self
