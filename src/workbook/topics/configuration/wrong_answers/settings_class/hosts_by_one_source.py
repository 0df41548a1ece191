# rejected by: shares_its_dotenv
# Splits the hosts of the environment; those of .env are still parsed as JSON.
from typing import Annotated, Literal
from pydantic import BeforeValidator, SecretStr, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict


class Commas:
    def prepare_field_value(self, name, field, value, complex_):
        if name == "hosts" and isinstance(value, str):
            return [h for h in (x.strip() for x in value.split(",")) if h]
        return super().prepare_field_value(name, field, value, complex_)


class Env(Commas, EnvSettingsSource): ...


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="SHOP_", env_file=".env", extra="ignore", env_ignore_empty=True,
        frozen=True, hide_input_in_errors=True,
    )
    environment: Annotated[Literal["development", "staging", "production"], BeforeValidator(lambda v: v.lower())]
    debug: bool = False
    database_url: SecretStr
    hosts: list[str] = []

    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, dotenv_settings, file_secret_settings):
        return init_settings, Env(settings_cls), dotenv_settings

    @model_validator(mode="after")
    def check(self):
        if self.debug and self.environment == "production":
            raise ValueError("debug")
        return self
