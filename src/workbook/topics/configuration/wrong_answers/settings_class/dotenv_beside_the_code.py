# rejected by: shares_its_dotenv
# Looks for .env beside its own file, wherever the program is started.
from pathlib import Path
from typing import Annotated, Literal

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="SHOP_",
        env_file=Path(__file__).with_name(".env"),
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
    def no_debug_in_production(self):
        if self.environment == "production" and self.debug:
            raise ValueError("debug must be off in production")
        return self
