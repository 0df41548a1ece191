# rejected by: shows_no_input
# The message of its own validator shows the input.
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

    @model_validator(mode="after")
    def no_debug_in_production(self):
        if self.environment == "production" and self.debug:
            raise ValueError("debug must be off in production")
        return self

    @field_validator("environment", mode="before")
    @classmethod
    def any_case(cls, value):
        if value.lower() not in ("development", "staging", "production"):
            raise ValueError(f"{value!r} is no environment")
        return value.lower()

    @field_validator("hosts", mode="before")
    @classmethod
    def by_commas(cls, value):
        return [host.strip() for host in value.split(",")] if isinstance(value, str) else value
