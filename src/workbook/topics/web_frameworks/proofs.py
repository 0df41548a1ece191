"""The proofs of chapter 04: each runs the real framework and returns what it observed.

A proof is shown to learners by *Show me*, so each can be read alone, but for the helpers that come
first. Frameworks are imported where they are used, since a proof runs in a process of its own, and
called through their own contract, ASGI or WSGI; a server is started where the server matters.
Annotations are evaluated here (no ``from __future__``), as FastAPI reads those of its endpoints.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import httpx

from workbook import systems
from workbook.sandbox import proof

# --- what several proofs need ---------------------------------------------------------------------


def ask(app: Any, method: str, path: str, **how: Any) -> httpx.Response:
    """Send a request to an ASGI application, in this process."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            return await http.request(method, path, **how)

    return asyncio.run(send())


def ask_wsgi(app: Any, method: str, path: str, **how: Any) -> httpx.Response:
    """Send a request to a WSGI application, in this process; keep no cookie unless given."""
    client = {name: how.pop(name) for name in ("cookies", "follow_redirects") if name in how}
    transport = httpx.WSGITransport(app, raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url="http://test", **client) as http:
        return http.request(method, path, **how)


def django_up(*apps: str, migrate: bool = True, **more: Any) -> Any:
    """Set Django up on a new SQLite file; return the module whose ``urlpatterns`` it reads."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    contrib = [f"django.contrib.{name}" for name in ("contenttypes", "auth", "sessions")]
    settings.configure(
        SECRET_KEY="only for this proof, and only as long as it takes to run it",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "proof.db"}},
        INSTALLED_APPS=[*contrib, *apps],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # quick
        REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
        LOGGING_CONFIG=None,
        MIGRATION_MODULES=dict.fromkeys(("contenttypes", "auth", "sessions")),  # quick
        **{"ROOT_URLCONF": "urls", "ALLOWED_HOSTS": ["*"], "USE_TZ": True, **more},
    )
    django.setup()
    if migrate:
        call_command("migrate", run_syncdb=True, verbosity=0)
    urls = sys.modules["urls"] = ModuleType("urls")
    vars(urls)["urlpatterns"] = []
    return urls


def listing(question: str) -> list[str]:
    """Return the lines of a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    text: str = next(entry["listing"] for entry in entries if entry["id"] == question)
    return text.splitlines()


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """Count how many of the spans of time overlapped at most."""
    return max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans)


# --- warm-up --------------------------------------------------------------------------------------


@proof("contextlib")
def nested_contexts() -> object:
    """Two nested context managers around a return."""
    log = []

    @contextmanager
    def resource(name: str) -> Any:
        log.append(f"open {name}")
        yield name
        log.append(f"close {name}")

    def handler() -> str:
        with resource("a"), resource("b"):
            return "done"

    handler()
    return log


@proof("dataclasses")
def keywords_from_outside() -> object:
    """Unpack a dictionary that came from outside into the fields of an object."""
    from dataclasses import dataclass

    @dataclass
    class User:
        email: str
        is_admin: bool = False

    data: Any = {"email": "eve@example.com", "is_admin": True}
    return User(**data).is_admin


# --- one service, three frameworks ----------------------------------------------------------------


@proof("fastapi", "flask", "rest_framework")
def text_for_a_number() -> object:
    """Ask each for /members/abc, where the route wants a number."""
    from fastapi import FastAPI
    from flask import Flask

    fast, flask = FastAPI(), Flask("members")
    urls = django_up("rest_framework", migrate=False)

    from django.core.wsgi import get_wsgi_application
    from django.urls import path
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Member(APIView):
        def get(self, request, id):
            return Response({"id": id})

    fast.get("/members/{id}")(lambda id: {"id": id})

    @fast.get("/typed/{id}")
    def typed(id: int):
        return {"id": id}

    flask.get("/typed/<int:id>")(lambda id: {"id": id})
    urls.urlpatterns = [path("typed/<int:id>", Member.as_view())]
    answers = {
        "fastapi": ask(fast, "GET", "/typed/abc"),
        "flask": ask_wsgi(flask, "GET", "/typed/abc"),
        "drf": ask_wsgi(get_wsgi_application(), "GET", "/typed/abc"),
    }
    return {
        name: f"{got.headers['content-type'].split('/')[1].split(';')[0]}_{got.status_code}"
        for name, got in answers.items()
    }


@proof("fastapi")
def route_order() -> object:
    """Declare /members/{id} first and /members/me after it."""
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/members/{id}")
    def member(id: int):
        return {"id": id}

    @app.get("/members/me")
    def me():
        return {"me": "Ada"}

    return ask(app, "GET", "/members/me").status_code


@proof("django")
def slash_and_post() -> object:
    """POST without the slash that the route has; the client follows redirects, as most do."""
    urls = django_up(migrate=False)

    from django.core.wsgi import get_wsgi_application
    from django.http import JsonResponse
    from django.urls import path

    def members(request):
        return JsonResponse({"saw": request.method, "bytes": len(request.body)})

    urls.urlpatterns = [path("members/", members)]
    app = get_wsgi_application()
    answer = ask_wsgi(app, "POST", "/members", json={"name": "Ada"}, follow_redirects=True)
    return [answer.status_code, answer.json()["saw"], answer.json()["bytes"]]


# --- what comes in, what goes out -----------------------------------------------------------------


@proof("fastapi")
def extra_field() -> object:
    """Send a field that the model does not know."""
    from fastapi import FastAPI
    from pydantic import BaseModel

    class MemberIn(BaseModel):
        email: str

    app = FastAPI()

    @app.post("/members", status_code=201)
    def create(data: MemberIn):
        return data.model_dump()

    answer = ask(app, "POST", "/members", json={"email": "a@b", "is_admin": True})
    return [answer.status_code, answer.json()]


@proof("pydantic")
def lax_mode() -> object:
    """Send text for a number and for a truth value."""
    from pydantic import BaseModel

    class Order(BaseModel):
        count: int
        gift: bool

    return Order.model_validate({"count": "3", "gift": "yes"}).model_dump()


@proof("fastapi")
def who_filters() -> object:
    """Return the same member from five endpoints, and look for the hash in what the client gets."""
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel

    class Member(BaseModel):
        email: str
        password_hash: str

    class MemberOut(BaseModel):
        email: str

    app, ada = FastAPI(), Member(email="ada@example.com", password_hash="$argon2id$...")

    @app.get("/bare")
    def bare():
        return ada

    @app.get("/annotated")
    def annotated() -> MemberOut:
        return ada  # type: ignore[return-value]

    @app.get("/model", response_model=MemberOut)
    def model():
        return ada.model_dump()

    @app.get("/response")
    def response() -> MemberOut:
        return JSONResponse(ada.model_dump())  # type: ignore[return-value]

    paths = ("bare", "annotated", "model", "response")
    return [path for path in paths if "argon2" in ask(app, "GET", f"/{path}").text]


@proof("flask", "flask_sqlalchemy")
def create_user_faults() -> object:
    """Repair all lines but one of the listing; see which misbehaves for one request or another."""
    from flask import Flask, jsonify, request
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)

    class User(db.Model):  # type: ignore[name-defined]
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str] = mapped_column(unique=True)
        password_hash: Mapped[str] = mapped_column(default="secret")
        is_admin: Mapped[bool] = mapped_column(default=False)

        def to_dict(self):
            return {column.name: getattr(self, column.name) for column in self.__table__.columns}

    def commit():
        try:
            db.session.commit()
        except IntegrityError:
            return {"error": "taken"}, 409

    lines = listing("create_user_faults")
    repairs = {
        4: "    user = User(email=data['email'])",
        6: "    if (conflict := commit()): return conflict",
        7: "    return jsonify({'id': user.id, 'email': user.email}), 201",
    }
    faulty = []
    for spared in range(3, 8):
        chosen = [line if n == spared else repairs.get(n, line) for n, line in enumerate(lines, 1)]
        app = Flask("users")
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        db.init_app(app)
        names = {"app": app, "request": request, "User": User, "db": db, "jsonify": jsonify}
        exec("\n".join(chosen), names | {"commit": commit})
        with app.app_context():
            db.create_all()
        body = {"email": "eve@example.com", "is_admin": True}
        first, again = (ask_wsgi(app, "POST", "/users", json=body) for _ in "12")
        with app.app_context():
            admins = db.session.scalars(db.select(User.is_admin)).all()
        right = (first.status_code, again.status_code, admins) == (201, 409, [False])
        faulty += [] if right and "secret" not in first.text else [spared]
    return faulty


@proof("rest_framework", "django")
def open_view_set() -> object:
    """A ModelViewSet over users, IsAuthenticated, all fields: what can the ordinary Bob do?"""
    urls = django_up("rest_framework")

    from django.contrib.auth import authenticate
    from django.contrib.auth.models import User
    from django.test import Client
    from rest_framework import permissions, routers, serializers, viewsets

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model, fields = User, "__all__"

    class UserViewSet(viewsets.ModelViewSet):
        queryset = User.objects.all()
        serializer_class = UserSerializer
        permission_classes = (permissions.IsAuthenticated,)

    router = routers.SimpleRouter()
    router.register("users", UserViewSet)
    urls.urlpatterns = router.urls
    ada, bob = (User.objects.create_user(name, password="x") for name in ("ada", "bob"))
    client, seen = Client(), []
    client.force_login(bob)
    as_json = {"content_type": "application/json"}
    if client.get("/users/").json()[0]["password"] == ada.password:
        seen.append("reads hashes")
    client.post("/users/", {"username": "eve", "password": "sesame"}, **as_json)
    if authenticate(username="eve", password="sesame"):
        seen.append("creates a login")
    client.patch(f"/users/{bob.id}/", {"is_superuser": True}, **as_json)
    if User.objects.get(id=bob.id).is_superuser:
        seen.append("becomes superuser")
    if client.delete(f"/users/{ada.id}/").status_code == 204:
        seen.append("deletes others")
    if Client().get("/users/").status_code == 200:
        seen.append("works without login")
    return seen


@proof("sqlmodel", "fastapi")
def table_models() -> object:
    """Give the same wrong data to a table model in three ways, and to its base class."""
    from fastapi import FastAPI
    from pydantic import ValidationError
    from sqlmodel import Field, SQLModel

    class NoteIn(SQLModel):
        title: str = Field(min_length=1)
        stars: int

    class Note(NoteIn, table=True):
        id: int | None = Field(default=None, primary_key=True)

    app = FastAPI()
    bad: Any = {"title": "", "stars": "many"}

    @app.post("/table")
    def from_table(note: Note) -> dict[str, str]:
        return {}

    @app.post("/data")
    def from_data(data: NoteIn) -> dict[str, str]:
        return {}

    def refuses(build: Callable[[], object]) -> bool:
        try:
            build()
        except ValidationError:
            return True
        return False

    refused = {
        "constructor": refuses(lambda: Note(**bad)),
        "model_validate": refuses(lambda: Note.model_validate(bad)),
        "table": ask(app, "POST", "/table", json=bad).status_code == 422,
        "data": ask(app, "POST", "/data", json=bad).status_code == 422,
    }
    return [name for name, it_was in refused.items() if it_was]


@proof("rest_framework", "django")
def unique_validator_race() -> object:
    """Two requests validate the same new name, then both save."""
    django_up("rest_framework")

    from django.contrib.auth.models import Group
    from rest_framework import serializers

    class GroupSerializer(serializers.ModelSerializer):
        class Meta:
            model, fields = Group, ("name",)

    first, second = (GroupSerializer(data={"name": "editors"}) for _ in "12")
    assert first.is_valid()
    assert second.is_valid()
    first.save()
    try:
        return second.save()
    except Exception as error:
        return error


# --- FastAPI --------------------------------------------------------------------------------------


@proof("fastapi")
def teardown_order() -> object:
    """Log a dependency, an endpoint, a background task, and the response as it is sent."""
    from fastapi import BackgroundTasks, Depends, FastAPI

    app, log = FastAPI(), []

    def session():
        log.append("open")
        yield
        log.append("close")

    @app.get("/")
    def endpoint(tasks: BackgroundTasks, session: Annotated[Any, Depends(session)]):
        tasks.add_task(log.append, "task")
        log.append("endpoint")
        return {"ok": True}

    async def watched(scope, receive, send):
        async def sent(message):
            await send(message)
            if message["type"] == "http.response.body":
                log.append("sent")

        await app(scope, receive, sent)

    ask(watched, "GET", "/")
    return log


@proof("fastapi", "uvicorn")
def commit_after_yield() -> object:
    """A dependency commits after its yield; the commit fails."""
    systems.module(
        "saving",
        """
from fastapi import Depends, FastAPI

def session():
    yield
    raise RuntimeError("the commit failed")

app = FastAPI()

@app.post("/members")
def create(session=Depends(session)):
    return {"status": "saved"}
""",
    )
    with systems.serve("saving:app") as site:
        return httpx.post(f"{site.url}/members").status_code


@proof("fastapi")
def calls_of_a_dependency() -> object:
    """Need one session in three ways, one of them with use_cache=False."""
    from fastapi import Depends, FastAPI

    app, calls = FastAPI(), []

    def session():
        calls.append("session")
        return len(calls)

    def users(session: int = Depends(session)):
        return session

    def audit(session: int = Depends(session, use_cache=False)):
        return session

    @app.get("/")
    def endpoint(a: int = Depends(users), b: int = Depends(session), c: int = Depends(audit)):
        return [a, b, c]

    ask(app, "GET", "/")
    return len(calls)


@proof("fastapi")
def what_a_dependency_sees() -> object:
    """An endpoint refuses with HTTPException; the dependency around it logs what passes by."""
    from fastapi import Depends, FastAPI, HTTPException

    app, log = FastAPI(), []

    def session():
        try:
            yield
            log.append("commit")
        except Exception as error:
            log.append(f"rollback after {type(error).__name__}")
            raise
        finally:
            log.append("close")

    @app.get("/members/{id}")
    def member(id: int, session: Annotated[Any, Depends(session)]):
        raise HTTPException(404)

    ask(app, "GET", "/members/7")
    return log


@proof("sqlalchemy", "aiosqlite")
def lifespan_faults() -> object:
    """Run each line of the lifespan alone; it is at fault if it raises or leaves a connection."""
    import gc
    import warnings

    from sqlalchemy import text
    from sqlalchemy.exc import SAWarning
    from sqlalchemy.ext.asyncio import create_async_engine

    lines = listing("lifespan_faults")
    faulty = []

    async def run(number: int) -> None:
        engine = create_async_engine("sqlite+aiosqlite:///proof.db")
        body = [lines[number - 1]]
        if body[0].lstrip().startswith("async with"):
            body.append(lines[number])
        source = "async def alone(engine, text):\n" + "\n".join(body)
        exec(source, names := dict[str, Any]())
        try:
            await names["alone"](engine, text)
            gc.collect()  # finds a connection that nobody gave back, and warns
        except AttributeError:
            faulty.append(number)
        finally:
            await engine.dispose()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for number in (3, 4, 7, 8):
            before = len(warned)
            asyncio.run(run(number))
            if any(one.category is SAWarning for one in warned[before:]):
                faulty.append(number)
    return faulty


# --- Flask ----------------------------------------------------------------------------------------


@proof("flask")
def blueprint_not_registered() -> object:
    """Build the application as the listing does, and list its rules."""
    from flask import Blueprint, Flask

    users = Blueprint("users", __name__)
    api = Blueprint("api", __name__)

    @users.post("/users")
    def create_user():
        return {}, 201

    def create_app():
        app = Flask(__name__)
        app.register_blueprint(api, url_prefix="/api/v1")
        return app

    return sorted(rule.rule for rule in create_app().url_map.iter_rules())


@proof("flask", "flask_sqlalchemy")
def outside_the_context() -> object:
    """Use the database in a script, with the application built but not current."""
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    try:
        return db.session.execute(db.text("select 1")).scalar()
    except Exception as error:
        return error


@proof("flask")
def hooks_of_a_request() -> object:
    """Log every hook around a view that raises."""
    from flask import Flask

    app, log = Flask(__name__), []
    app.before_request(lambda: log.append("before"))

    @app.after_request
    def after(response):
        log.append("after")
        return response

    @app.teardown_request
    def teardown(error):
        log.append("teardown")

    @app.errorhandler(ValueError)
    def told(error):
        log.append("handler")
        return {"error": "no such thing"}, 404

    @app.get("/")
    def view():
        log.append("view")
        raise ValueError

    ask_wsgi(app, "GET", "/")
    return log


@proof("flask", "gunicorn")
def async_views_in_flight() -> object:
    """Four requests at once to a coroutine view, on one sync worker."""
    systems.module(
        "waits",
        """
import asyncio, time
from flask import Flask

app = Flask(__name__)

@app.get("/")
async def view():
    began = time.monotonic()
    await asyncio.sleep(0.4)
    return [began, time.monotonic()]
""",
    )

    async def send(url: str) -> Any:
        async with httpx.AsyncClient(timeout=30) as http:
            return await asyncio.gather(*(http.get(url) for _ in range(4)))

    with systems.serve("waits:app", "gunicorn") as site:
        return most_at_once([tuple(answer.json()) for answer in asyncio.run(send(site.url))])


@proof("flask")
def session_cookie() -> object:
    """Take a session cookie, and do what its owner, or a thief, might do with it."""
    import base64
    import json

    from flask import Flask, session

    app = Flask(__name__)
    app.secret_key = "only the server knows it"

    @app.post("/login")
    def login():
        session.update(user="bob", balance=70)
        return ""

    @app.post("/logout")
    def logout():
        session.clear()
        return ""

    @app.get("/who")
    def who():
        return session.get("user", "nobody")

    cookie = ask_wsgi(app, "POST", "/login").cookies["session"]
    body, *signature = cookie.split(".")
    seen = []
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if content["balance"] == 70:
        seen.append("read")
    forged = base64.urlsafe_b64encode(json.dumps(content | {"user": "ada"}).encode()).decode()
    forged = ".".join([forged.rstrip("="), *signature])
    if ask_wsgi(app, "GET", "/who", cookies={"session": forged}).text == "ada":
        seen.append("change")
    ask_wsgi(app, "POST", "/logout", cookies={"session": cookie})
    if ask_wsgi(app, "GET", "/who", cookies={"session": cookie}).text == "bob":
        seen.append("use after logout")
    return seen


# --- Django ---------------------------------------------------------------------------------------


@proof("django")
def installed_apps() -> object:
    """Set Django up with the list of the question."""
    import django
    from django.conf import settings

    apps = ["django.contrib.admin", "django.contrib.auth", "rest_framework"]
    settings.configure(SECRET_KEY="x" * 50, INSTALLED_APPS=apps)
    try:
        return django.setup()
    except Exception as error:
        return error


@proof("django")
def second_user_model() -> object:
    """Define a user of your own, leave AUTH_USER_MODEL alone, and run the checks."""
    django_up(migrate=False)

    from django.contrib.auth.models import AbstractUser
    from django.core.checks import run_checks

    class Member(AbstractUser):
        class Meta:
            app_label = "auth"

    return "clash" if {error.id for error in run_checks()} >= {"fields.E304"} else "fine"


@proof("django")
def superuser_without_staff() -> object:
    """Open the admin as a superuser whose is_staff is false."""
    processors = ["template.context_processors.request", "contrib.auth.context_processors.auth"]
    processors += ["contrib.messages.context_processors.messages"]
    template = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [f"django.{name}" for name in processors]},
    }
    apps = ("django.contrib.admin", "django.contrib.messages")
    urls = django_up(*apps, TEMPLATES=[template], STATIC_URL="/static/")

    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import path

    urls.urlpatterns = [path("admin/", admin.site.urls)]
    client = Client()
    client.force_login(User.objects.create_user("ada", is_superuser=True, is_staff=False))
    answer = client.get("/admin/")
    return [answer.status_code, "login" in answer.headers.get("Location", "")]


@proof("sqladmin", "flask_admin", "django")
def admin_doors() -> object:
    """Mount each admin as its quick start does; open the list, and delete, without an account."""
    import flask_admin  # type: ignore[import-untyped]
    import sqladmin
    from fastapi import FastAPI
    from flask import Flask
    from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy import create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

    class Base(DeclarativeBase):
        pass

    class Member(Base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str]

    class MemberView(sqladmin.ModelView, model=Member):
        column_list = ("id", "email")

    url = f"sqlite:///{Path('members.db').absolute()}"
    fast, flask, db = FastAPI(), Flask("shop"), SQLAlchemy(model_class=Base)
    engine = create_engine(url, connect_args={"check_same_thread": False})
    sqladmin.Admin(fast, engine).add_view(MemberView)
    flask.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=url)
    db.init_app(flask)
    flask_admin.Admin(flask).add_view(ModelView(Member, db))
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all([Member(email=f"m{n}@example.com") for n in (1, 2)])

    def seen(list_page: httpx.Response, delete: Callable[[], httpx.Response]) -> str:
        if "login" in list_page.headers.get("location", ""):
            return "login"
        if list_page.status_code != 200 or "@example.com" not in list_page.text:
            return "refused"
        before = count()
        delete()
        return "all" if count() == before - 1 else "rows"

    def count() -> int:
        with Session(engine) as session:
            return session.query(Member).count()

    urls = django_up("django.contrib.admin", "django.contrib.messages")

    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    urls.urlpatterns = [path("admin/", admin.site.urls)]
    wsgi = get_wsgi_application()
    assert User in admin.site._registry
    return {
        "django": seen(
            ask_wsgi(wsgi, "GET", "/admin/auth/user/"),
            lambda: ask_wsgi(wsgi, "POST", "/admin/auth/user/1/delete/"),
        ),
        "sqladmin": seen(
            ask(fast, "GET", "/admin/member/list"),
            lambda: ask(fast, "DELETE", "/admin/member/delete?pks=1"),
        ),
        "flask": seen(
            ask_wsgi(flask, "GET", "/admin/member/"),
            lambda: ask_wsgi(flask, "POST", "/admin/member/delete/", data={"id": "2"}),
        ),
    }


# --- who is asking --------------------------------------------------------------------------------


@proof("rest_framework", "fastapi")
def without_credentials() -> object:
    """Ask without any credentials, under three ways to authenticate."""
    from fastapi import Depends, FastAPI
    from fastapi.security import HTTPBearer

    urls = django_up("rest_framework", migrate=False)

    from django.core.wsgi import get_wsgi_application
    from django.urls import path
    from rest_framework.authentication import BasicAuthentication, SessionAuthentication
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.views import APIView

    class Secret(APIView):
        permission_classes = (IsAuthenticated,)

    for kind in (SessionAuthentication, BasicAuthentication):
        view = Secret.as_view(authentication_classes=[kind])
        urls.urlpatterns.append(path(kind.__name__, view))
    fast, wsgi = FastAPI(), get_wsgi_application()
    fast.get("/", dependencies=[Depends(HTTPBearer())])(lambda: "secret")
    return {
        "session": str(ask_wsgi(wsgi, "GET", "/SessionAuthentication").status_code),
        "basic": str(ask_wsgi(wsgi, "GET", "/BasicAuthentication").status_code),
        "bearer": str(ask(fast, "GET", "/").status_code),
    }


@proof("rest_framework", "django")
def object_permission() -> object:
    """Bob changes Ada's row, past a permission class that forbids it."""
    urls = django_up("rest_framework")

    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import path
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class IsOwner(IsAuthenticated):
        def has_object_permission(self, request, view, user):
            return user == request.user

    class Profile(APIView):
        permission_classes = (IsOwner,)

        def patch(self, request, pk):
            user = User.objects.get(pk=pk)
            user.first_name = request.data["name"]
            user.save()
            return Response({"name": user.first_name})

    urls.urlpatterns = [path("users/<int:pk>", Profile.as_view())]
    ada, bob = (User.objects.create_user(name) for name in ("ada", "bob"))
    client = Client()
    client.force_login(bob)
    body = {"name": "Not Ada"}
    return client.patch(f"/users/{ada.pk}", body, content_type="application/json").status_code


@proof("rest_framework", "django")
def csrf_and_tokens() -> object:
    """POST without a CSRF token: with a session cookie, with a token, and with neither."""
    urls = django_up("rest_framework", "rest_framework.authtoken")

    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import path
    from rest_framework.authentication import SessionAuthentication, TokenAuthentication
    from rest_framework.authtoken.models import Token
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Post(APIView):
        authentication_classes = (TokenAuthentication, SessionAuthentication)

        def post(self, request):
            return Response({"user": str(request.user)})

    urls.urlpatterns = [path("", Post.as_view())]
    bob = User.objects.create_user("bob")
    by_session, bare = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    by_session.force_login(bob)
    header = {"authorization": f"Token {Token.objects.create(user=bob).key}"}
    answers = {
        "session": by_session.post("/"),
        "token": bare.post("/", headers=header),
        "nobody": bare.post("/"),
    }
    return [name for name, answer in answers.items() if answer.status_code == 403]


# --- async and its limits -------------------------------------------------------------------------


@proof("django")
def in_a_coroutine() -> object:
    """Do four things in a coroutine."""
    django_up()

    from asgiref.sync import sync_to_async
    from django.contrib.auth.models import User
    from django.db import transaction

    async def atomic():
        async with transaction.atomic():
            pass

    async def count():
        return User.objects.count()

    ways: dict[str, Callable[[], Any]] = {
        "count": count,
        "acount": User.objects.acount,
        "atomic": atomic,
        "thread": sync_to_async(User.objects.count),
    }

    async def outcome(way: Callable[[], Any]) -> str:
        try:
            return "works" if await way() == 0 else "?"
        except Exception as error:
            return type(error).__name__

    async def all_of_them():
        return {name: await outcome(way) for name, way in ways.items()}

    return asyncio.run(all_of_them())


@proof("django")
def gathered_queries() -> object:
    """Gather four asynchronous queries in one coroutine, and note when each is in the driver."""
    django_up()

    from asgiref.sync import sync_to_async
    from django.contrib.auth.models import User
    from django.db import connection

    spans = []

    def slow(execute, *query):
        began = time.monotonic()
        time.sleep(0.1)
        result = execute(*query)
        spans.append((began, time.monotonic()))
        return result

    async def view():
        await sync_to_async(lambda: connection.execute_wrappers.append(slow))()
        await asyncio.gather(*(User.objects.acount() for _ in range(4)))

    asyncio.run(view())
    assert len(spans) == 4
    return most_at_once(spans)


@proof("django")
def async_view_faults() -> object:
    """Run the listing once for each line, all others replaced by what a coroutine may do."""
    urls = django_up()

    from django.contrib.auth.models import Group, User
    from django.core.exceptions import SynchronousOnlyOperation
    from django.db import transaction
    from django.http import JsonResponse
    from django.test import Client
    from django.urls import clear_url_caches, path

    User.objects.create_user("ada").groups.add(Group.objects.create(name="editors"))
    lines = listing("async_view_faults")
    repairs = {
        3: "    async for group in user.groups.all():",
        5: "    user.last_name = 'Lovelace'",
        6: "    await user.asave()",
        7: "    if True:",
    }
    faulty = []
    for spared in (2, 3, 6, 7, 8):
        chosen = [line if n == spared else repairs.get(n, line) for n, line in enumerate(lines, 1)]
        names: dict[str, Any] = {"__name__": "views", "JsonResponse": JsonResponse}
        names |= {"User": User, "transaction": transaction}
        exec("\n".join(chosen), names)
        urls.urlpatterns = [path(f"{spared}", names["profile"])]
        clear_url_caches()
        try:
            assert Client().get(f"/{spared}").status_code == 200
        except (SynchronousOnlyOperation, TypeError):
            faulty.append(spared)
    return faulty


# --- OpenAPI and GraphQL --------------------------------------------------------------------------


@proof("fastapi")
def documented_statuses() -> object:
    """Ask FastAPI's document which statuses a route may answer with."""
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.security import HTTPBearer
    from pydantic import BaseModel

    class MemberIn(BaseModel):
        email: str

    app = FastAPI()

    @app.post("/members", status_code=201, dependencies=[Depends(HTTPBearer())])
    def create(data: MemberIn):
        raise HTTPException(409, "that e-mail is taken")

    document = ask(app, "GET", "/openapi.json").json()
    return sorted(map(int, document["paths"]["/members"]["post"]["responses"]))


@proof("strawberry")
def a_field_that_fails() -> object:
    """A resolver of a non-null field raises."""
    import strawberry

    @strawberry.type
    class Member:
        name: str = "Ada"

        @strawberry.field
        def team(self) -> str:
            raise ValueError("no team")

    @strawberry.type
    class Query:
        @strawberry.field
        def member(self) -> Member | None:
            return Member()

    return strawberry.Schema(Query).execute_sync("{ member { name team } }").data


@proof("strawberry")
def queries_of_a_list() -> object:
    """Ask for ten members with their teams; each resolver asks the database."""
    import strawberry

    queries = []

    @strawberry.type
    class Member:
        team_id: int

        @strawberry.field
        def team(self) -> str:
            queries.append(f"select name from teams where id = {self.team_id}")
            return f"team {self.team_id}"

    @strawberry.type
    class Query:
        @strawberry.field
        def members(self) -> list[Member]:
            queries.append("select * from members limit 10")
            return [Member(team_id=number % 2) for number in range(10)]

    answer = strawberry.Schema(Query).execute_sync("{ members { team } }")
    assert answer.errors is None
    return len(queries)


@proof("graphene", "strawberry")
def names_in_graphql() -> object:
    """Name a field in snake case, in both libraries, and ask for it in three ways."""
    import graphene
    import strawberry

    class Member(graphene.ObjectType):
        full_name = graphene.String(default_value="Ada")

    @strawberry.type
    class Query:
        @strawberry.field
        def full_name(self) -> str:
            return "Ada"

    executes = (graphene.Schema(query=Member).execute, strawberry.Schema(Query).execute_sync)
    asked = ("full_name", "fullName", "FullName")
    return [name for name in asked if all(not run(f"{{ {name} }}").errors for run in executes)]


# --- what a framework costs -----------------------------------------------------------------------


@proof("fastapi", "flask", "uvicorn", "gunicorn")
def waiting_endpoints() -> object:
    """Ten requests of 0.4 s at once: coroutines under uvicorn, ten threads under gunicorn."""
    systems.module(
        "both",
        """
import asyncio, time
from fastapi import FastAPI
from flask import Flask

fast, flask = FastAPI(), Flask(__name__)

@fast.get("/")
async def waits():
    began = time.monotonic()
    await asyncio.sleep(0.4)
    return [began, time.monotonic()]

@flask.get("/")
def blocks():
    began = time.monotonic()
    time.sleep(0.4)
    return [began, time.monotonic()]
""",
    )

    async def send(url: str) -> Any:
        async with httpx.AsyncClient(timeout=30) as http:
            return await asyncio.gather(*(http.get(url) for _ in range(10)))

    seen = []
    for app, server, threads in (
        ("both:fast", "uvicorn", None),
        ("both:flask", "gunicorn-gthread", 10),
    ):
        with systems.serve(app, server, threads=threads) as site:
            answers = asyncio.run(send(site.url))
        seen.append(most_at_once([tuple(answer.json()) for answer in answers]))
    return seen
