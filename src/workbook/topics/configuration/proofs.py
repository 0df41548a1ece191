"""The proofs of chapter 08: each runs the real library or server and returns what it observed.

A proof is shown to learners by *Show me*, so each can be read alone. A proof runs in a process
and a folder of its own, whose environment variables and files it may change.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from workbook import scratch, systems
from workbook.processes import ProcessFailed
from workbook.sandbox import proof

#: A server for OpenBao's dev mode: all in memory, unsealed, and no token in anybody's home.
BAO = "bao server -dev -dev-no-store-token -dev-root-token-id=root"
BAO += " -dev-listen-address=127.0.0.1:{port}"

#: An application whose lifespan builds the settings, one that does so on import, and one lazily.
APPLICATIONS = """
from contextlib import asynccontextmanager
from functools import lru_cache

from fastapi import Depends, FastAPI
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stripe_key: str


@lru_cache
def get_settings():
    return Settings()


lazy = FastAPI()


@lazy.get("/health")
def health():
    return "ok"


@lazy.get("/pay")
def pay(settings: Settings = Depends(get_settings)):
    return "paid"


@asynccontextmanager
async def lifespan(app):
    app.state.settings = get_settings()
    yield


eager = FastAPI(lifespan=lifespan)


def create_app():
    get_settings()
    return lazy
"""


# --- what several proofs need ---------------------------------------------------------------------


def outcome(function: Callable[[], Any]) -> Any:
    """Return what a call gives, or the name of the exception that it raises."""
    try:
        return function()
    except Exception as error:
        return type(error).__name__


def listing(question: str) -> str:
    """Return a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    text: str = next(entry["listing"] for entry in entries if entry["id"] == question)
    return text


def run(code: str, names: dict[str, Any]) -> None:
    """Run a listing, without this module's `from __future__ import annotations`."""
    exec(compile(code, "listing", "exec", dont_inherit=True), names)


def secrets_manager(cloud: systems.Service) -> Any:
    """Return a client of Secrets Manager, as moto answers for it."""
    import boto3

    who = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    return boto3.client("secretsmanager", endpoint_url=cloud.url, **who)


def openbao() -> systems.Service:
    """Start OpenBao, whose home is a folder of its own."""
    ready = "OpenBao server started"
    return systems.start(BAO, ready=ready, url="http://127.0.0.1:{port}", env={"HOME": "{folder}"})


# --- 1. text in, types out ------------------------------------------------------------------------


@proof("pydantic_settings")
def env_words() -> Any:
    """Spell a truth value in five ways."""
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        debug: bool = False

    def read(text: str) -> Any:
        os.environ["DEBUG"] = text
        seen = outcome(lambda: Settings().debug)
        return "refused" if seen == "ValidationError" else seen

    return [read(text) for text in ("0", "off", "YES", "enabled", "false ")]


@proof("subprocess")
def getenv_bool() -> Any:
    """Start a program with `DEBUG` in its environment, in five ways."""
    import subprocess

    def read(**given: str) -> bool:
        env = {name: value for name, value in os.environ.items() if name != "DEBUG"} | given
        code = "import os; print(bool(os.getenv('DEBUG')))"
        answer = subprocess.check_output([sys.executable, "-c", code], env=env, text=True)
        return answer.strip() == "True"

    return [*(read(DEBUG=text) for text in ("1", "0", "false", "")), read()]


@proof("pydantic_settings")
def list_from_env() -> Any:
    """Give a list of texts in an environment variable, in several ways."""
    from pydantic_settings import BaseSettings, SettingsError

    class Settings(BaseSettings):
        hosts: list[str] = ["localhost"]

    seen = {}
    for name, text in {"commas": "a,b", "json": '["a", "b"]', "numbers": "[1]", "none": ""}.items():
        os.environ["HOSTS"] = text
        try:
            seen[name] = "two" if Settings().hosts == ["a", "b"] else "other"
        except SettingsError:
            seen[name] = "no_json"
        except ValueError:
            seen[name] = "invalid"
    return seen


@proof("pydantic_settings")
def nested_values() -> Any:
    """A nested model, of which one variable gives all and another one field."""
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings

    class Database(BaseModel):
        host: str = "localhost"
        port: int = 5432

    class Settings(BaseSettings, env_prefix="SHOP_", env_nested_delimiter="__"):
        db: Database = Database()

    os.environ["SHOP_DB"] = '{"host": "db1", "port": 1}'
    os.environ["SHOP_DB__PORT"] = "6000"
    settings = Settings()
    return settings.db.host, settings.db.port


@proof("pydantic_settings")
def names_read() -> Any:
    """Set one variable at a time, and see whether a field takes its value."""
    from pydantic import Field
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings, env_prefix="SHOP_"):
        currency: str = "EUR"
        api_key: str = Field("none", validation_alias="STRIPE_KEY")

    read = []
    for name in ("SHOP_CURRENCY", "CURRENCY", "shop_currency", "STRIPE_KEY", "SHOP_STRIPE_KEY"):
        os.environ[name] = "seen"
        if "seen" in Settings().model_dump().values():  # type: ignore[call-arg]
            read.append(name)
        del os.environ[name]
    return read


# --- 2. which source wins -------------------------------------------------------------------------


@proof("pydantic_settings")
def sources_order() -> Any:
    """Let all sources give a value, take the winner away, and see who wins next."""
    from pydantic_settings import BaseSettings

    Path(".env").write_text("PORT=3\n")
    Path("secrets").mkdir()
    Path("secrets/port").write_text("4\n")

    class Settings(BaseSettings, env_file=".env", secrets_dir="secrets"):
        port: int = 5

    names = {1: "init", 2: "env", 3: "dotenv", 4: "secret_file", 5: "default"}
    os.environ["PORT"] = "2"
    seen = [Settings(port=1).port, Settings().port]
    del os.environ["PORT"]
    seen.append(Settings().port)
    Path(".env").unlink()
    seen.append(Settings().port)
    Path("secrets/port").unlink()
    seen.append(Settings().port)
    return [names[value] for value in seen]


@proof("pydantic_settings")
def changed_order() -> Any:
    """Run the listing beside a `.env` file."""
    import pydantic_settings

    Path(".env").write_text("HOST=dotenv\n")
    code, _, last = listing("changed_order").strip().rpartition("\n")
    names: dict[str, Any] = {**vars(pydantic_settings), "os": os}
    run(code, names)
    return eval(last, names)


# --- 3. .env files --------------------------------------------------------------------------------


@proof("pydantic_settings")
def unknown_keys() -> Any:
    """Give the unknown key `shop_prot` by one source at a time."""
    from pydantic_settings import BaseSettings

    Path("secrets").mkdir()

    class Settings(BaseSettings, env_prefix="SHOP_", env_file=".env", secrets_dir="secrets"):
        port: int = 8000

    def told(**given: Any) -> str:
        return "accepted" if outcome(lambda: Settings(**given).port) == 8000 else "refused"

    seen = {"argument": told(prot=1)}
    os.environ["SHOP_PROT"] = "1"
    seen["variable"] = told()
    del os.environ["SHOP_PROT"]
    Path("secrets/shop_prot").write_text("1")
    seen["file"] = told()
    Path(".env").write_text("SHOP_PROT=1\n")
    seen["dotenv"] = told()
    return seen


@proof("pydantic_settings")
def repair_extra() -> Any:
    """Which changes let the class load beside a key for somebody else?"""
    from pydantic_settings import BaseSettings, SettingsConfigDict

    text = "SHOP_PORT=9000\nPOSTGRES_PASSWORD=x\n"
    changes: dict[str, dict[str, Any]] = {
        "prefix": {"env_prefix": "shop_"},
        "ignore": {"extra": "ignore"},
        "only_existing": {"dotenv_filtering": "only_existing"},
        "case": {"case_sensitive": True, "env_prefix": "shop_"},
        "move": {},
    }
    worked = []
    for name, config in changes.items():
        Path(".env").write_text(text.lower() if name == "case" else text)
        if name == "move":
            Path(".env").write_text("SHOP_PORT=9000\n")
            os.environ["POSTGRES_PASSWORD"] = "x"

        class Settings(BaseSettings):
            model_config = cast(
                SettingsConfigDict, {"env_file": ".env", "env_prefix": "SHOP_", **config}
            )
            port: int = 8000

        if getattr(outcome(Settings), "port", None) == 9000:
            worked.append(name)
    return worked


@proof("dotenv")
def dotenv_text() -> Any:
    """Parse the listing, as pydantic-settings does, with python-dotenv."""
    from dotenv import dotenv_values

    return list(dotenv_values(stream=io.StringIO(listing("dotenv_text"))).values())


@proof("pydantic_settings")
def dotenv_cwd() -> Any:
    """Start the same program in its folder and in the folder above."""
    import pydantic_settings  # noqa: F401

    project = scratch.Project(
        "shop",
        {
            ".env": "CURRENCY=SEK\n",
            "jobs/.keep": "",
            "show.py": "from pydantic_settings import BaseSettings\n"
            "class Settings(BaseSettings, env_file='.env'):\n"
            "    currency: str = 'EUR'\n"
            "print(Settings().currency)\n",
        },
    )
    here = project.run("python show.py").output
    ran = subprocess.run(
        [sys.executable, "../show.py"],
        cwd=project.path / "jobs",
        capture_output=True,
        text=True,
        check=False,
    )
    return [here, ran.stdout.strip() if ran.returncode == 0 else "error"]


# --- 4. one class, or one for each environment ----------------------------------------------------


@proof("pydantic_settings")
def production_debug() -> Any:
    """Run the listing's classes with a stray DEBUG."""
    import pydantic_settings

    names: dict[str, Any] = {**vars(pydantic_settings), "os": os}
    run(listing("production_debug"), names)
    return names["answer"]


@proof("pydantic_settings")
def environment_spellings() -> Any:
    """The usual look-up of a class by the name of an environment."""
    from pydantic_settings import BaseSettings

    class Base(BaseSettings):
        debug: bool = False

    class Development(Base):
        debug: bool = True

    class Production(Base):
        pass

    def config() -> str:
        name = os.getenv("ENVIRONMENT", "development")
        return type({"development": Development, "production": Production}[name]()).__name__

    seen = {}
    for name, text in {"production": "production", "title": "Production", "empty": ""}.items():
        os.environ["ENVIRONMENT"] = text
        seen[name] = outcome(config)
    del os.environ["ENVIRONMENT"]
    return seen | {"unset": outcome(config)}


# --- 5. when settings are built -------------------------------------------------------------------

#: A project whose settings are built as soon as anything is imported.
EAGER = """
# file: shop/__init__.py
# file: shop/config.py
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    database_url: str

settings = Settings()
# file: shop/prices.py
from shop.config import settings

def with_vat(cents):
    return cents * 125 // 100
# file: shop/cli.py
import argparse
from shop import prices

argparse.ArgumentParser(prog="shop").parse_args()
# file: tests/test_prices.py
from shop.prices import with_vat

def test_vat():
    assert with_vat(100) == 125
# file: alembic.ini
[alembic]
script_location = migrations
# file: migrations/env.py
from shop.config import settings
# file: migrations/versions/.keep
"""


@proof("pydantic_settings")
def import_time_breaks() -> Any:
    """Run the tools of a project where no DATABASE_URL is set."""
    import pydantic_settings  # noqa: F401

    project = scratch.Project("shop", EAGER)
    commands = {
        "help": "python -m shop.cli --help",
        "collect": "python -m pytest -q --collect-only tests",
        "migrate": "python -m alembic upgrade head --sql",
        "history": "python -m alembic history",
        "compile": "python -m compileall -q shop",
    }
    return [name for name, command in commands.items() if project.run(command).code]


@proof("pydantic_settings")
def override_global() -> Any:
    """Patch the name in one module; another has imported it long ago."""
    config, prices = ModuleType("config"), ModuleType("prices")
    sys.modules |= {"config": config, "prices": prices}
    settings = "class Settings(BaseSettings):\n    vat: int = 25\nsettings = Settings()\n"
    run("from pydantic_settings import BaseSettings\n" + settings, vars(config))
    run("from config import settings\ndef vat():\n    return settings.vat\n", vars(prices))
    vars(config)["settings"] = vars(config)["Settings"](vat=0)
    return vars(config)["settings"].vat, vars(prices)["vat"]()


@proof("fastapi")
def lazy_validation() -> Any:
    """Serve an application that builds its settings on demand, with a variable missing."""
    import httpx

    systems.module("shop", APPLICATIONS)
    try:
        with systems.serve("shop:lazy") as site:
            return "-".join(
                str(httpx.get(f"{site.url}{path}").status_code)
                for path in ("/health", "/pay", "/health")
            )
    except ProcessFailed:
        return "does not start"


@proof("uvicorn", "gunicorn")
def exit_codes() -> Any:
    """How a server ends when the settings cannot be built."""
    import gunicorn  # type: ignore[import-untyped]  # noqa: F401
    import uvicorn  # noqa: F401

    systems.module("shop", APPLICATIONS)
    patience = ["--timeout-worker-healthcheck", "5"]  # uvicorn's default
    ways: dict[str, dict[str, Any]] = {
        "uvicorn": {"app": "shop:eager"},
        "factory": {"app": "shop:create_app", "options": ["--factory"]},
        "two": {"app": "shop:eager", "workers": 2, "options": patience},
        "gunicorn": {"app": "shop:eager", "server": "gunicorn-asgi"},
    }
    seen = {}
    for name, how in ways.items():
        try:
            with systems.serve(**how, seconds=30):
                seen[name] = "runs"
        except ProcessFailed as failed:
            words = str(failed).partition("(exit code ")[2]
            seen[name] = f"code_{words.partition(')')[0]}"
    return seen


@proof("ast")
def reads_at_import() -> Any:
    """Import the listing, with an environment that notes which line asks for what."""
    import ast
    from types import SimpleNamespace
    from unittest.mock import patch

    code = listing("reads_at_import")
    lines: list[int] = []

    class Environment(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            lines.append(sys._getframe(1).f_lineno)
            return "1"

    program = compile(ast.parse(code), "listing", "exec", dont_inherit=True)
    with patch.dict(sys.modules, os=SimpleNamespace(environ=Environment())):
        exec(program, {"__name__": "clients"})
    return sorted(lines)


# --- 6. what leaks --------------------------------------------------------------------------------


@proof("pydantic_settings")
def printed_secrets() -> Any:
    """Print the settings of the listing; each secret there is a word of its own."""
    code = listing("printed_secrets")
    names: dict[str, Any] = {}
    run("from pydantic import *\nfrom pydantic_settings import *\n" + code, names)
    printed = str(names["Settings"]())
    words = {number: f"s3cret-{number}" for number, _ in enumerate(code.splitlines(), 1)}
    return [number for number, word in words.items() if word in code and word in printed]


@proof("pydantic_settings")
def error_shows_secret() -> Any:
    """One variable is there, another one is missing: what does the error say?"""
    from pydantic import SecretStr
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        stripe_key: SecretStr
        port: int

    os.environ["STRIPE_KEY"] = "sk_live_51Hx"
    try:
        Settings()  # type: ignore[call-arg]
    except ValueError as error:
        if "sk_live_51Hx" in str(error):
            return "the secret"
        return "stars" if "***" in str(error) else "no value"


WHO_SEES_ENVIRON = """
import os, subprocess, sys
ask = [sys.executable, "-c", "import os; print('TOKEN' in os.environ)"]
before = subprocess.check_output(ask, text=True).strip()
os.environ.pop("TOKEN")
after = subprocess.check_output(ask, text=True).strip()
print(before, after, flush=True)
sys.stdin.read()
"""


@proof("psutil")
def who_sees_environ() -> Any:
    """Start a program that removes a variable from `os.environ`, then look from all sides."""
    import psutil

    code = WHO_SEES_ENVIRON
    here = {**os.environ, "TOKEN": "s3cret"}
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        [sys.executable, "-c", code], env=here, stdin=pipe, stdout=pipe, text=True
    )
    assert child.stdout
    before, after = child.stdout.readline().split()
    seen = []
    if before == "True":
        seen.append("child before")
    if after == "True":
        seen.append("child after")
    if "TOKEN" in psutil.Process(child.pid).environ():
        seen.append("system after")
    if "TOKEN" in os.environ:
        seen.append("parent")
    child.communicate()
    return seen


@proof("logging")
def redacting_filter() -> Any:
    """A filter on the root logger that looks at `record.msg` alone."""
    secret, stream = "sk_live_51Hx", io.StringIO()

    class Redact(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            record.msg = str(record.msg).replace(secret, "***")
            return True

    root = logging.getLogger()
    root.addHandler(logging.StreamHandler(stream))
    root.addFilter(Redact())

    def redacted(write: Callable[[], Any]) -> bool:
        stream.seek(0)
        stream.truncate()
        write()
        return secret not in stream.getvalue()

    def failing() -> None:
        try:
            raise ValueError(secret)
        except ValueError:
            root.exception("it failed")

    ways: dict[str, Callable[[], Any]] = {
        "root": lambda: root.warning(f"key is {secret}"),
        "argument": lambda: root.warning("key is %s", secret),
        "child": lambda: logging.getLogger("shop").warning(f"key is {secret}"),
        "traceback": failing,
    }
    return [name for name, write in ways.items() if redacted(write)]


# --- 7. a secret from a service -------------------------------------------------------------------


@proof("moto")
def cached_secret() -> Any:
    """Rotate a secret behind a function with `lru_cache`."""
    from functools import lru_cache

    with systems.aws() as cloud:
        client = secrets_manager(cloud)

        @lru_cache
        def get_secret(name: str) -> str:
            text: str = client.get_secret_value(SecretId=name)["SecretString"]
            return text

        client.create_secret(Name="shop/db", SecretString="old")
        first = get_secret("shop/db")
        client.put_secret_value(SecretId="shop/db", SecretString="new")
        direct = client.get_secret_value(SecretId="shop/db")["SecretString"]
        return [first, get_secret("shop/db"), direct]


@proof("threading")
def cold_cache() -> Any:
    """Five threads ask an empty cache at the same time; each fetch waits for the others."""
    import threading
    from functools import lru_cache

    calls = []
    together = threading.Barrier(5)

    @lru_cache
    def get_secret(name: str) -> str:
        calls.append(name)
        together.wait(2)  # breaks, and is an error, where fewer than five are here at once
        return "s3cret"

    def ask() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            get_secret("shop/db")

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(calls)


@proof("psycopg")
def pool_after_rotation() -> Any:
    """Change a password while a connection is open, on a PostgreSQL that asks for it."""
    import psycopg

    with systems.postgres() as database, psycopg.connect(database.dsn, autocommit=True) as admin:
        require_passwords(admin)
        admin.execute("CREATE ROLE shop LOGIN PASSWORD 'old'")
        where: dict[str, Any] = {"host": "127.0.0.1", "port": database.port, "user": "shop"}
        where["dbname"] = "postgres"
        with psycopg.connect(**where, password="old", autocommit=True) as kept:
            admin.execute("ALTER ROLE shop PASSWORD 'new'")
            old = outcome(lambda: kept.execute("SELECT 1").fetchone())
            new = outcome(lambda: psycopg.connect(**where, password="old").close())
        return ["works" if old == (1,) else "fails", "fails" if new else "works"]


def require_passwords(admin: Any) -> None:
    """Let PostgreSQL ask everybody but the administrator for a password."""
    file = admin.execute("SHOW hba_file").fetchone()[0]
    rules = "('host all workbook 127.0.0.1/32 trust'), ('host all all 127.0.0.1/32 scram-sha-256')"
    admin.execute(f"COPY (VALUES {rules}) TO '{file}'")
    admin.execute("SELECT pg_reload_conf()")


# --- 8. a vault -----------------------------------------------------------------------------------


@proof("hvac")
def policy_allows() -> Any:
    """Try five requests with a token that has one policy."""
    import hvac  # type: ignore[import-untyped]

    with openbao() as vault:
        root = hvac.Client(url=vault.url, token="root")
        for number in (1, 2):
            for path in ("shop/db", "billing/db"):
                root.secrets.kv.v2.create_or_update_secret(path, secret={"password": str(number)})
        rule = 'path "secret/data/shop/*" { capabilities = ["read"] }'
        root.sys.create_or_update_policy("shop", rule)
        token = root.auth.token.create(policies=["shop"], no_default_policy=True)["auth"]
        kv = hvac.Client(url=vault.url, token=token["client_token"]).secrets.kv.v2

        def read(path: str, version: int | None = None) -> Any:
            return kv.read_secret_version(path, version=version, raise_on_deleted_version=True)

        requests: dict[str, Callable[[], Any]] = {
            "read": lambda: read("shop/db"),
            "read version 1": lambda: read("shop/db", 1),
            "write": lambda: kv.create_or_update_secret("shop/db", secret={"password": "3"}),
            "list": lambda: kv.list_secrets("shop"),
            "read billing": lambda: read("billing/db"),
        }
        return [name for name, ask in requests.items() if outcome(ask) != "Forbidden"]


@proof("hvac", "psycopg")
def dynamic_accounts() -> Any:
    """Three workers ask for credentials of one role; one lease is revoked."""
    import hvac
    import psycopg

    with systems.postgres() as database, openbao() as vault:
        admin = psycopg.connect(database.dsn, autocommit=True)
        admin.execute("CREATE ROLE bao LOGIN SUPERUSER PASSWORD 'x'")
        bao = hvac.Client(url=vault.url, token="root")
        bao.sys.enable_secrets_engine("database")
        place = f"127.0.0.1:{database.port}/postgres?sslmode=disable"
        bao.secrets.database.configure(
            name="shop",
            plugin_name="postgresql-database-plugin",
            allowed_roles=["shop"],
            connection_url=f"postgresql://{{{{username}}}}:{{{{password}}}}@{place}",
            username="bao",
            password="x",
        )
        create = "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}'"
        bao.secrets.database.create_role(
            name="shop", db_name="shop", creation_statements=[create], default_ttl="1h"
        )
        leases = [bao.secrets.database.generate_credentials(name="shop") for _ in range(3)]
        bao.sys.revoke_lease(leases[0]["lease_id"])
        found = admin.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%shop%'")
        [count] = found.fetchone() or [None]
        admin.close()
        return count


# --- 9. feature flags -----------------------------------------------------------------------------


@proof("subprocess")
def python_hash() -> Any:
    """Put one user into a bucket by `hash`, in ten processes."""
    import subprocess

    code = "print(hash('user-7') % 100)"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    seen = {
        subprocess.check_output([sys.executable, "-c", code], env=env, text=True) for _ in range(10)
    }
    return "differs" if len(seen) > 1 else "same"


@proof("hashlib")
def rollout_designs() -> Any:
    """Raise a percentage from 10 to 20: which designs keep those who were in, and add others?"""
    import hashlib
    import random

    def bucket(text: str) -> int:
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 100

    stored: dict[str, int] = {}
    designs: dict[str, Callable[[str, int], bool]] = {
        "hash": lambda user, percent: bucket(f"checkout:{user}") < percent,
        "salted": lambda user, percent: bucket(f"checkout:{percent}:{user}") < percent,
        "dice": lambda user, percent: random.random() * 100 < percent,
        "stored": lambda user, percent: stored.setdefault(user, random.randrange(100)) < percent,
    }
    users = [f"user-{number}" for number in range(2000)]
    kept = []
    for name, is_on in designs.items():
        ten = {user for user in users if is_on(user, 10)}
        twenty = {user for user in users if is_on(user, 20)}
        if ten < twenty:
            kept.append(name)
    return kept


# --- 10. reload -----------------------------------------------------------------------------------

#: A WSGI application with settings out of a file, which it reads when it is imported.
LIVE = """
import os

from pydantic_settings import BaseSettings


class Settings(BaseSettings, env_file=os.environ["SHOP_ENV"], extra="ignore"):
    limit: int = 0
    region: str = "none"


settings = Settings()


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{settings.limit} {settings.region}".encode()]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError(f"unsupported scope {scope['type']}")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(settings.limit).encode()})
"""


def live(app: str = "live:app", server: str = "gunicorn", **how: Any) -> systems.Site:
    """Serve LIVE with two workers, on a file that says 10."""
    Path("live.env").write_text("LIMIT=10\n")
    os.environ["SHOP_ENV"] = str(Path("live.env").resolve())
    systems.module("live", LIVE)
    return systems.serve(app, server, workers=2, **how)


def hang_up(site: systems.Site) -> None:
    """Send SIGHUP; wait until both workers are new, the log tells of a failure, or all ends."""
    before, told = set(site.worker_pids()), site.log_text().count("ValidationError")

    def settled() -> bool:
        now = set(site.worker_pids())
        failed = site.log_text().count("ValidationError") > told
        return failed or not site.alive or (len(now) == 2 and not now & before)

    site.send(signal.SIGHUP)
    systems.until(settled, 20)


@proof("gunicorn", "uvicorn")
def hup_bad_config() -> Any:
    """Reload three running services with a file that cannot be read as settings."""
    from functools import partial

    import gunicorn  # noqa: F401
    import httpx

    def decided(site: systems.Site) -> bool:
        """Either it has ended, or it says that it keeps the old workers."""
        return not site.alive or "aborting" in site.log_text()

    ways: dict[str, dict[str, Any]] = {
        "gunicorn": {},
        "preload": {"options": ["--preload"]},
        "uvicorn": {"app": "live:asgi", "server": "uvicorn"},
    }
    seen = {}
    for name, how in ways.items():
        with live(**how) as site:
            before = len(site.worker_pids())
            Path("live.env").write_text("LIMIT=many\n")
            hang_up(site)
            if name != "preload":
                systems.until(partial(decided, site), 20)
            if not site.alive:
                seen[name] = "ended"
            elif len(site.worker_pids()) == before:
                limit = httpx.get(site.url).text.split()[0]
                seen[name] = {"10": "old", "0": "default"}.get(limit, limit)
            else:
                seen[name] = "fewer"
    return seen


@proof("gunicorn")
def hup_sees() -> Any:
    """Change a file, and then the environment, behind gunicorn, with and without preload."""
    import httpx

    def answer(site: systems.Site) -> str:
        return httpx.get(site.url).text

    seen = {}
    for name, options in {"file": [], "preload": ["--preload"]}.items():
        with live(options=options) as site:
            Path("live.env").write_text("LIMIT=20\n")
            os.environ["REGION"] = "north"  # this shell's, in which the master was started
            hang_up(site)
            limit, region = answer(site).split()
        seen[name] = "new" if limit == "20" else "old"
        if name == "file":
            seen["variable"] = "new" if region == "north" else "old"
        os.environ.pop("REGION")
    return seen


@proof("asyncio")
def torn_read() -> Any:
    """A reload between the two reads of a request, in place and by a new object."""
    import asyncio
    from types import SimpleNamespace

    live = SimpleNamespace(url="old-url", key="old-key")
    middle, reloaded = asyncio.Event(), asyncio.Event()

    async def request() -> tuple[str, str]:
        url = live.url
        middle.set()
        await reloaded.wait()
        return url, live.key

    async def reload() -> None:
        await middle.wait()
        live.url, live.key = "new-url", "new-key"
        reloaded.set()

    async def both() -> Any:
        return (await asyncio.gather(request(), reload()))[0]

    return asyncio.run(both())


# --- then and now ---------------------------------------------------------------------------------


@proof("pydantic_settings")
def class_config() -> Any:
    """Write the configuration as an inner class, as older code does."""
    import warnings

    from pydantic_settings import BaseSettings

    Path(".env").write_text("CURRENCY=SEK\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:

            class Settings(BaseSettings):
                currency: str = "EUR"

                class Config:
                    env_file = ".env"

        except Exception:
            return "error"
        warned = any(issubclass(each.category, DeprecationWarning) for each in caught)
        read = Settings().currency == "SEK"
    return f"{'read' if read else 'ignored'}, {'warning' if warned else 'silent'}"
