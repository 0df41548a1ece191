"""The checks of chapter 04's exercises: pytest functions that the sandbox runs on a learner's cell.

Each calls the learner's application through its own contract, ASGI or WSGI, with no server between,
and reports what it saw through ``call``. Frameworks are imported where they are used: a run needs
one of them, and each takes its time.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType, SimpleNamespace
from typing import Any

#: How long a check waits for something that a right solution does at once.
PATIENCE = 5.0


@contextmanager
def during(doing: str) -> Iterator[None]:
    """Say what was being done when the learner's code raised."""
    try:
        yield
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        came = f"{type(error).__name__}: {error}"
        raise AssertionError(f"{doing}: expected no exception, got {came}") from error


class Told(logging.Handler):
    """Says in a word what a framework would log at length, with times and places."""

    doing = ""
    #: What a check raises on purpose, which is no news.
    meant = (ZeroDivisionError, ConnectionError)

    def emit(self, record: logging.LogRecord) -> None:
        came = record.exc_info and record.exc_info[0]
        if came and came not in self.meant:
            print(f"{self.doing} raised {came.__name__}")


TOLD = Told()
logging.getLogger().addHandler(TOLD)


def asgi(app: Any, method: str, path: str, **how: Any) -> Any:
    """Send a request to an ASGI application; give httpx's response."""
    import httpx

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            return await asyncio.wait_for(http.request(method, path, **how), PATIENCE)

    with during(f"{method} {path}"):
        return asyncio.run(send())


def wsgi(app: Any, method: str, path: str, **how: Any) -> Any:
    """Send a request to a WSGI application; give httpx's response."""
    import httpx

    TOLD.doing, transport = f"{method} {path}", httpx.WSGITransport(app, raise_app_exceptions=False)
    with during(f"{method} {path}"), httpx.Client(transport=transport, base_url="http://t") as http:
        return http.request(method, path, **how)


def body(response: Any) -> Any:
    """Give the JSON of a response, or its text if it is none."""
    try:
        return response.json()
    except json.JSONDecodeError:
        return response.text


# --- models ---------------------------------------------------------------------------------------


def takes_what_is_right(call):
    """Ordinary input, and input at the limits, comes in as it is."""
    for data in (
        {"email": "ada@example.com", "name": "Ada"},
        {"email": "a@b", "name": "A"},
        {"email": "grace@example.com", "name": "G" * 50},
        {"email": "o'hara+list@post-box.example.com", "name": "Zoë O'Hara-Łoś"},
        {"email": "zoë@exämple.com", "name": "Ada  B. Lovelace"},
    ):
        call("accept", data).gives(data)


def cleans_up_what_it_takes(call):
    """White space is dropped and the e-mail kept in lower case; the name keeps its capitals."""
    cleaned = {"email": "ada@example.com", "name": "Ada Lovelace"}
    call("accept", {"email": " Ada@Example.COM ", "name": " Ada Lovelace\n"}).gives(cleaned)
    call("accept", {"email": "Straße@Example.com", "name": "Ada"}).gives(
        {"email": "straße@example.com", "name": "Ada"}
    )
    longest = {"email": "ada@example.com", "name": "x" * 50}
    call("accept", {**longest, "name": f" {longest['name']} "}).gives(longest)


def refuses_what_is_wrong(call):
    """What is no e-mail, or no name, is refused."""
    spaced = ["a da@example.com", "ada@exam ple.com", "a\tda@example.com", "ada@exam\nple.com"]
    spaced += ["ada@exam\u2003ple.com", "ada@exam\rple.com"]
    for email in ("ada", "@example.com", "ada@", *spaced, "a@b@c", "", 7, None):
        call("accept", {"email": email, "name": "Ada"}).raises(ValueError)
    for name in ("", "   ", "x" * 51, None):
        call("accept", {"email": "ada@example.com", "name": name}).raises(ValueError)
    call("accept", {"email": "ada@example.com"}).raises(ValueError)
    call("accept", {"name": "Ada"}).raises(ValueError)


def refuses_unknown_fields(call):
    """A field that the model does not have is an error, not a surprise."""
    data = {"email": "eve@example.com", "name": "Eve", "is_admin": True}
    call("accept", data).raises(ValueError)


class Row:
    """An object whose attributes are not all in a dictionary, as in many an ORM."""

    __slots__ = ("email", "id", "password_hash")

    def __init__(self) -> None:
        self.id, self.email, self.password_hash = 8, "grace@example.com", "$argon2id$"

    @property
    def name(self) -> str:
        return "Grace"

    def __repr__(self) -> str:
        return "<a row with slots and a property>"


def shows_three_fields_and_no_more(submission, call):
    """What goes out is read from an object's attributes, of whatever kind these are."""
    out = {"id": 7, "email": "ada@example.com", "name": "Ada"}
    row = SimpleNamespace(**out, is_admin=True, password_hash="$argon2id$")
    call("show", row).gives(out)
    call("show", Row()).gives({"id": 8, "email": "grace@example.com", "name": "Grace"})
    old = {"id": 3, "email": "Root@localhost", "name": "older than the rules " * 3}
    label = f"show() of an object with the attributes {old}"
    with during(label):
        got = submission.show(SimpleNamespace(**old))
    call.observed(label, got).gives(old)


# --- the application factory ----------------------------------------------------------------------


def answers_below_its_prefix(submission, call):
    """GET /api/v1/members gives the configured list; without the prefix there is nothing."""
    with during("create_app({'MEMBERS': ['Ada']})"):
        app = submission.create_app({"MEMBERS": ["Ada"]})
    response = wsgi(app, "GET", "/api/v1/members")
    call.observed("GET /api/v1/members: status", response.status_code).gives(200)
    call.observed("GET /api/v1/members: body", body(response)).gives(["Ada"])
    status = wsgi(app, "GET", "/members").status_code
    call.observed("GET /members: status", status).gives(404)
    from flask import Blueprint, Flask

    for blueprint in [each for each in vars(submission).values() if isinstance(each, Blueprint)]:
        bare = Flask("bare")
        bare.register_blueprint(blueprint)
        rules = [rule.rule for rule in bare.url_map.iter_rules()]
        own = [rule for rule in rules if rule.startswith("/api")]
        label = f"routes below /api of the blueprint {blueprint.name}, registered without a prefix"
        call.observed(label, own).gives([])
    app.config["MEMBERS"] = ["Grace"]
    label = "GET /api/v1/members after app.config['MEMBERS'] = ['Grace']: body"
    call.observed(label, body(wsgi(app, "GET", "/api/v1/members"))).gives(["Grace"])
    with during("create_app({'MEMBERS': []})"):
        app = submission.create_app({"MEMBERS": []})
    label = "GET /api/v1/members when MEMBERS is an empty list: body"
    call.observed(label, body(wsgi(app, "GET", "/api/v1/members"))).gives([])


def keeps_applications_apart(submission, call):
    """Two calls give two applications, each with its own configuration."""
    with during("two calls of create_app()"):
        one, two = (
            submission.create_app(MappingProxyType({"MEMBERS": [name], "TITLE": f"Club of {name}"}))
            for name in ("Ada", "Grace")
        )
    call.observed("the second create_app() gives a new application", one is not two).gives(True)
    for app, name in ((one, "Ada"), (two, "Grace"), (one, "Ada")):
        seen = body(wsgi(app, "GET", "/api/v1/members"))
        call.observed(f"GET /api/v1/members of the application for {name}", seen).gives([name])
        label = f"app.config.get('TITLE') of the application for {name}"
        call.observed(label, app.config.get("TITLE")).gives(f"Club of {name}")


def answers_errors_in_json(submission, call):
    """Each error comes as JSON: no route, a wrong method, whatever a view raises."""
    from flask import abort
    from werkzeug.exceptions import HTTPException

    class PaymentRequired(HTTPException):
        code = 402

    def view() -> None:
        raise PaymentRequired

    with during("create_app({'MEMBERS': []})"):
        app = submission.create_app({"MEMBERS": []})
    try:
        app.add_url_rule("/calls-abort-418", "abort", lambda: abort(418))
        app.add_url_rule("/raises-an-HTTPException-whose-code-is-402", "view", view)
        app.add_url_rule("/raises-ZeroDivisionError", "raise", lambda: 1 // 0)
        new = True
    except AssertionError:  # from Flask: this application has answered requests, or has the routes
        new = False
    call.observed("create_app() gives an application that is new", new).gives(True)
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("POST", "/api/v1/members", 405),
        ("GET", "/calls-abort-418", 418),
        ("GET", "/raises-an-HTTPException-whose-code-is-402", 402),
        ("GET", "/raises-ZeroDivisionError", 500),
    ):
        response = wsgi(app, method, path)
        call.observed(f"{method} {path}: status", response.status_code).gives(status)
        call.observed(f"{method} {path}: body", body(response)).gives({"error": status})
        media = response.headers.get("content-type", "(none)").partition(";")[0]
        call.observed(f"{method} {path}: media type", media).gives("application/json")


def can_be_found_by_name(submission, call):
    """The endpoint's name is that of blueprint and function."""
    with during("create_app({'MEMBERS': []})"):
        app = submission.create_app({"MEMBERS": []})
    names = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    found = names.get("members.list_members", f"nothing (there are {', '.join(sorted(names))})")
    call.observed("url_for('members.list_members')", found).gives("/api/v1/members")


# --- a session for each request -------------------------------------------------------------------


class Log(list[str]):
    """What happened, in order; its sessions write into it."""

    def session(self, **fails: Exception) -> Any:
        """Open a session whose methods raise what they are told to."""
        self.append("open")

        def note(what: str, *more: str) -> None:
            self.append(" ".join((what, *more)))
            if what in fails:
                raise fails[what]

        return SimpleNamespace(
            add=lambda name: note("add", name),
            commit=lambda: note("commit"),
            rollback=lambda: note("rollback"),
            close=lambda: note("close"),
        )

    def told(self) -> list[str]:
        """Give what the sessions were told, a rollback that follows another counted as one."""
        did = [each for each in self if each != "answer" and not each.startswith("server ")]
        return [
            each for i, each in enumerate(did) if [each] != did[i - 1 : i] or each != "rollback"
        ]


def post_members(submission: Any, *data: Any, **fails: Exception) -> tuple[list[Any], Log]:
    """POST each to one application; give the responses and what happened, their sending too."""
    log = Log()
    with during("make_app(open_session)"):
        app = submission.make_app(lambda: log.session(**fails))

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                log.append("answer")
            await send(message)

        try:
            await app(scope, receive, sent)
        except Exception as error:
            log.append(f"server {type(error).__name__}")
            raise

    return [asgi(watched, "POST", "/members", json=each) for each in data], log


def post_member(submission: Any, **fails: Exception) -> tuple[Any, Log]:
    """POST one member; give the response and what happened."""
    (response,), log = post_members(submission, {"name": "Ada"}, **fails)
    return response, log


def adds_and_answers(submission, call):
    """The name is added and answered with 201."""
    response, log = post_member(submission)
    call.observed("POST /members: status", response.status_code).gives(201)
    call.observed("POST /members: body", body(response)).gives({"name": "Ada"})
    did = [each for each in log.told() if each != "close"]
    call.observed("what the session was told", did).gives(["open", "add Ada", "commit"])
    responses, _ = post_members(submission, {"name": "Ada"}, {"name": "Grace"})
    call.observed("POST Ada, then POST Grace: bodies", [body(each) for each in responses]).gives(
        [{"name": "Ada"}, {"name": "Grace"}]
    )


def commits_before_the_response(submission, call):
    """The answer is sent when the data are safe."""
    _, log = post_member(submission)
    order = [each for each in log if each in ("commit", "answer")]
    call.observed("order of commit and answer", order).gives(["commit", "answer"])


def answers_409_and_rolls_back(submission, call):
    """A name that is taken is the client's affair: 409, and nothing stays behind."""
    response, log = post_member(submission, commit=ValueError("taken"))
    label = "POST /members, commit() raises ValueError"
    call.observed(f"{label}: status", response.status_code).gives(409)
    did = ["open", "add Ada", "commit", "rollback", "close"]
    call.observed(f"{label}: what the session was told", log.told()).gives(did)


def rolls_back_on_any_other_failure(submission, call):
    """Another failure is the server's affair: it gets the exception, after a rollback."""
    for where, error, did in (
        ("add", ConnectionError("gone"), ["add Ada"]),
        ("commit", ConnectionError("gone"), ["add Ada", "commit"]),
        ("commit", LookupError("no table"), ["add Ada", "commit"]),
    ):
        response, log = post_member(submission, **{where: error})
        name = type(error).__name__
        label = f"POST /members, {where}() raises {name}"
        call.observed(f"{label}: status", response.status_code).gives(500)
        did = ["open", *did, "rollback", "close"]
        call.observed(f"{label}: what the session was told", log.told()).gives(did)
        came = [each.removeprefix("server ") for each in log if each.startswith("server ")]
        call.observed(f"{label}: what the server gets", came).gives([name])


def post_two_at_a_time(submission: Any) -> list[list[str]]:
    """POST Ada and Grace, so that both sessions are open before either is used; give their logs."""
    import httpx

    logs: list[Log] = []
    given: list[Log] = []
    opened = threading.Event()

    def open_session() -> Any:
        log = Log()
        logs.append(log)
        if not opened.wait(0.5):
            opened.set()  # a dependency that is a coroutine function lets no other one start
        given.append(log)
        return log.session()

    def go_on() -> None:
        """Let both threads have their session, while the loop stands still."""
        opened.set()
        while len(given) < len(logs):
            time.sleep(0.01)
        time.sleep(0.05)

    with during("make_app(open_session)"):
        app = submission.make_app(open_session)

    async def both() -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            names = ("Ada", "Grace")
            posts = asyncio.gather(*(http.post("/members", json={"name": n}) for n in names))
            for _ in range(100):
                if len(logs) == 2 or opened.is_set() or posts.done():
                    break
                await asyncio.sleep(0.01)
            go_on()
            await asyncio.wait_for(posts, PATIENCE)

    with during("POST /members, two requests at a time"):
        asyncio.run(both())
    return sorted(list(log) for log in logs)


def closes_each_session_once(submission, call):
    """One session is opened for each request, and closed, however it ends."""
    for name, fails in (
        ("all is well", {}),
        ("the name is taken", {"commit": ValueError("taken")}),
        ("the database is gone", {"add": ConnectionError("gone")}),
        (
            "add() and rollback() raise ConnectionError",
            {"add": ConnectionError("gone"), "rollback": ConnectionError("gone")},
        ),
    ):
        _, log = post_member(submission, **fails)
        ends = [each for each in log if each in ("open", "close")]
        call.observed(f"POST /members, {name}: sessions", ends).gives(["open", "close"])
    _, log = post_members(submission, {"name": "Ada"}, {"name": "Grace"})
    ends = [each for each in log if each in ("open", "close")]
    label = "POST /members, two requests to one application: sessions"
    call.observed(label, ends).gives(["open", "close", "open", "close"])
    want = [["open", f"add {name}", "commit", "close"] for name in ("Ada", "Grace")]
    label = "POST /members, two requests at a time: what each session was told"
    call.observed(label, post_two_at_a_time(submission)).gives(want)
    _, log = post_members(submission, {})
    left = log.count("open") - log.count("close")
    call.observed("POST /members, a body without a name: sessions left open", left).gives(0)


# --- who may see what -----------------------------------------------------------------------------

TOKENS = {
    "token-of-ada": {"name": "ada", "is_admin": False},
    "token-of-bob": {"name": "bob", "is_admin": False},
    "token-of-root": {"name": "root", "is_admin": True},
    "token-of-eva": {"name": "admin-eva", "is_admin": True},
    "token-of-adas-phone": {"name": "ada", "is_admin": False},
    **{f"token-of-{name}": {"name": name, "is_admin": False} for name in ("Ada", "ad", "adam")},
}


def notes_app(
    submission: Any, tokens: dict[str, Any] = TOKENS
) -> tuple[Callable[..., Any], dict[int, Any]]:
    """Make the learner's application; give how to ask it as somebody, and its notes."""
    notes = {1: {"owner": "ada", "text": "hello"}, 2: {"owner": "bob", "text": "secret"}}
    with during("make_app(tokens, notes)"):
        app = submission.make_app(tokens, notes)

    def ask(method: str, path: str, who: str | None, sent: str = "Bearer token-of-{}") -> Any:
        headers = {"Authorization": sent.format(who)} if who else {}
        return asgi(app, method, path, headers=headers)

    return ask, notes


def owners_and_admins_read(submission, call):
    """A note is for its owner and for admins."""
    tokens = dict(TOKENS)
    ask, notes = notes_app(submission, tokens)
    for who, id, text in (
        ("ada", 1, "hello"),
        ("bob", 2, "secret"),
        ("root", 2, "secret"),
        ("eva", 2, "secret"),
        ("adas-phone", 1, "hello"),
    ):
        response = ask("GET", f"/notes/{id}", who)
        call.observed(f"GET /notes/{id} as {who}: status", response.status_code).gives(200)
        call.observed(f"GET /notes/{id} as {who}: body", body(response)).gives({"text": text})
    notes[1] = {"owner": "bob", "text": "Bob's now"}
    notes[3] = {"owner": "ada", "text": ""}
    tokens["token-of-cy"] = {"name": "cy", "is_admin": True}
    label = "after a new note 1 of bob and note 3 of ada, without text, and a new admin cy: "
    for who, id in (("bob", 1), ("ada", 3), ("cy", 3)):
        response = ask("GET", f"/notes/{id}", who)
        asked, want = f"{label}GET /notes/{id} as {who}", {"text": notes[id]["text"]}
        call.observed(f"{asked}: status", response.status_code).gives(200)
        call.observed(f"{asked}: body", body(response)).gives(want)


def asks_who_is_there_first(submission, call):
    """Without a known token there is 401, for notes that exist and for those that do not."""
    ask, notes = notes_app(submission)
    for method in ("GET", "DELETE"):
        for id in (1, 99):
            for who, told in ((None, "without a token"), ("eve", "with an unknown token")):
                response = ask(method, f"/notes/{id}", who)
                label = f"{method} /notes/{id} {told}"
                call.observed(f"{label}: status", response.status_code).gives(401)
                scheme = response.headers.get("www-authenticate", "(no such header)")
                call.observed(f"{label}: WWW-Authenticate", scheme).gives("Bearer")
    for sent in ("Bearer", "token-of-{}", "Basic token-of-{}"):
        response = ask("GET", "/notes/1", "ada", sent)
        label = f"GET /notes/1 with the header 'Authorization: {sent.format('ada')}'"
        call.observed(f"{label}: status", response.status_code).gives(401)
        scheme = response.headers.get("www-authenticate", "(no such header)")
        call.observed(f"{label}: WWW-Authenticate", scheme).gives("Bearer")
    call.observed("notes left after these requests", sorted(notes)).gives([1, 2])
    tokens = dict(TOKENS)
    ask, _ = notes_app(submission, tokens)
    ask("GET", "/notes/1", "ada")
    del tokens["token-of-ada"]
    status = ask("GET", "/notes/1", "ada").status_code
    label = "GET /notes/1 as ada, whose token was taken out of tokens: status"
    call.observed(label, status).gives(401)


def hides_the_notes_of_others(submission, call):
    """The note of somebody else and a note that does not exist look the same."""
    ask, notes = notes_app(submission)
    others = [(who, 1) for who in ("bob", "Ada", "ad", "adam")]
    for who, id in (("ada", 2), *others, ("ada", 99), ("root", 99)):
        status = ask("GET", f"/notes/{id}", who).status_code
        call.observed(f"GET /notes/{id} as {who}: status", status).gives(404)
    notes[1] = {"owner": "bob", "text": "Bob's now"}
    status = ask("GET", "/notes/1", "ada").status_code
    call.observed("GET /notes/1 as ada, after it went to bob: status", status).gives(404)
    for method in ("GET", "DELETE"):
        other, absent = (body(ask(method, f"/notes/{id}", "ada")) for id in (2, 99))
        label = f"{method} as ada, the note of bob and one that does not exist: the same body"
        call.observed(label, other == absent).gives(True)


def deletes_with_the_same_rule(submission, call):
    """DELETE asks the same questions as GET."""
    ask, notes = notes_app(submission)
    for who, id, status, left in (
        ("ada", 2, 404, [1, 2]),
        ("ada", 1, 204, [2]),
        ("ada", 1, 404, [2]),
        ("root", 1, 404, [2]),
        ("root", 2, 204, []),
    ):
        got = ask("DELETE", f"/notes/{id}", who).status_code
        call.observed(f"DELETE /notes/{id} as {who}: status", got).gives(status)
        call.observed(f"notes after DELETE /notes/{id} as {who}", sorted(notes)).gives(left)


# --- one query for all teams ----------------------------------------------------------------------


class Tables:
    """Two tables behind coroutines, which count what they are asked."""

    def __init__(self) -> None:
        self.members = [{"name": n, "team_id": t} for n, t in (("Ada", 2), ("Bob", 1), ("Cy", 2))]
        # Rows come in this order, which is neither that of the ids nor that of the members.
        self.teams = {3: "Crew", 1: "Analysts", 2: "Builders"}
        self.asked: list[list[int]] = []

    async def fetch_members(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self.members]

    async def fetch_teams(self, ids: Any) -> list[dict[str, Any]]:
        self.asked.append(sorted(ids := list(ids)))
        await asyncio.sleep(0)
        return [{"id": id, "name": name} for id, name in self.teams.items() if id in ids]


QUERY = "{ members { name team { name } } }"


def answered(submission: Any, tables: Tables, query: str = QUERY) -> Any:
    """Execute a request with the learner's ``answer``."""
    TOLD.doing = f"answer({query!r}, ...)"
    with during(TOLD.doing):
        request = submission.answer(query, tables.fetch_members, tables.fetch_teams)
        return asyncio.run(asyncio.wait_for(request, PATIENCE))


def answers_the_query(submission, call):
    """What is not asked for is not fetched."""
    tables = Tables()
    data = answered(submission, tables, "{ members { name } }")
    names = {"members": [{"name": "Ada"}, {"name": "Bob"}, {"name": "Cy"}]}
    call.observed("answer('{ members { name } }')", data).gives(names)
    call.observed("calls of fetch_teams, no team asked for", tables.asked).gives([])
    query = "query teams { members { name } }"  # only the name of the operation speaks of teams
    call.observed(f"answer('{query}')", answered(submission, tables, query)).gives(names)
    call.observed(f"calls of fetch_teams, {query}", tables.asked).gives([])
    query = "{ members { ... { called: name of: team { name } } } }"
    data = answered(submission, tables, query) or {"members": []}
    got = [(row["called"], (row["of"] or {}).get("name")) for row in data["members"]]
    want = [("Ada", "Builders"), ("Bob", "Analysts"), ("Cy", "Builders")]
    call.observed(f"member and team, {query}", got).gives(want)


def gives_each_member_its_own_team(submission, call):
    """Teams come in one order, members in another, and ids have a third."""
    tables = Tables()
    tables.members[1:1] = [{"name": "Dee", "team_id": 3}]
    data = answered(submission, tables) or {}
    got = [(row["name"], (row["team"] or {}).get("name")) for row in data.get("members", [])]
    want = [("Ada", "Builders"), ("Dee", "Crew"), ("Bob", "Analysts"), ("Cy", "Builders")]
    call.observed("member and team", got).gives(want)


def leaves_a_missing_team_empty(submission, call):
    """A team that does not exist is null, and spoils nothing else."""
    tables = Tables()
    tables.members[0]["team_id"] = 9
    data = answered(submission, tables) or {"members": []}
    got = [(row["name"], row["team"]) for row in data["members"]]
    want = [("Ada", None), ("Bob", {"name": "Analysts"}), ("Cy", {"name": "Builders"})]
    call.observed("members, the team of Ada (9) does not exist", got).gives(want)


def asks_once_for_all_teams(submission, call):
    """Three members, two teams, one query."""
    tables = Tables()
    answered(submission, tables)
    call.observed("calls of fetch_teams, with their ids", tables.asked).gives([[1, 2]])
    tables = Tables()
    tables.teams = {id: f"Team {id}" for id in range(1, 301)}
    tables.members = [{"name": f"M{n}", "team_id": n % 300 + 1} for n in range(400)]
    answered(submission, tables)
    label = "number of calls of fetch_teams for 400 members of 300 teams"
    call.observed(label, len(tables.asked)).gives(1)


def forgets_between_requests(submission, call):
    """A team is renamed; the next request shows its new name. Two at a time do not mix."""
    tables, others = Tables(), Tables()
    answered(submission, tables)
    tables.teams[1] = "Renamed"
    data = answered(submission, tables) or {"members": []}
    got = [(row["team"] or {}).get("name") for row in data["members"]]
    want = ["Builders", "Renamed", "Builders"]
    call.observed("teams of a second request, team 1 was renamed", got).gives(want)
    others.members, others.teams = [{"name": "Eve", "team_id": 1}], {1: "Elsewhere"}

    async def together() -> Any:
        requests = (submission.answer(QUERY, t.fetch_members, t.fetch_teams) for t in two)
        return await asyncio.wait_for(asyncio.gather(*requests), PATIENCE)

    two = (tables, others)
    with during("two answers at the same time"):
        first, second = asyncio.run(together())
    label = "two requests at the same time: names of the {} one's members"
    for which, data, want in (("first", first, ["Ada", "Bob", "Cy"]), ("second", second, ["Eve"])):
        got = [row["name"] for row in (data or {"members": []})["members"]]
        call.observed(label.format(which), got).gives(want)
    call.observed(
        "two requests at the same time: the second one's calls of fetch_teams", others.asked
    ).gives([[1]])


# --- repair: the view that creates a user ---------------------------------------------------------


class Store:
    """Keeps users; an e-mail that is taken raises. ``hidden`` are there, but not found yet."""

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = []
        self.hidden = {"taken@example.com"}

    def find(self, email: str) -> dict[str, Any] | None:
        return next((user for user in self.users if user["email"] == email), None)

    def add(self, email: str, is_admin: bool = False, plan: str = "free") -> dict[str, Any]:
        if self.find(email) or email in self.hidden:
            raise ValueError("UNIQUE constraint failed: users.email")
        rights = {"is_admin": is_admin, "plan": plan}
        secret = {"password_hash": "$argon2id$"}
        self.users.append({"id": len(self.users) + 1, "email": email, **rights, **secret})
        return dict(self.users[-1])


def post_users(submission: Any, *texts: str, store: Any = None) -> tuple[list[Any], Any]:
    """POST some texts, which claim to be JSON, to one application of the learner's."""
    store = store or Store()
    with during("make_app(store)"):
        app = submission.make_app(store)
    headers = {"Content-Type": "application/json"}
    return [wsgi(app, "POST", "/users", content=text, headers=headers) for text in texts], store


def post_user(submission: Any, data: Any) -> tuple[Any, Store]:
    """POST some JSON to the learner's view."""
    (response,), store = post_users(submission, json.dumps(data))
    return response, store


def creates_a_user(submission, call):
    """An ordinary request creates one user."""
    response, store = post_user(submission, {"email": "ada@example.com"})
    call.observed("POST ada@example.com: status", response.status_code).gives(201)
    emails = [user["email"] for user in store.users]
    call.observed("e-mails in the store", emails).gives(["ada@example.com"])


def lets_nobody_set_more(submission, call):
    """Whatever else is sent has no effect."""
    for extra in ({"is_admin": True}, {"plan": "gold"}, {"id": 99, "nickname": "x"}):
        response, store = post_user(submission, {"email": "eve@example.com", **extra})
        label = f"POST eve@example.com and {extra}"
        call.observed(f"{label}: status", response.status_code).gives(201)
        got = [(user["is_admin"], user["plan"]) for user in store.users]
        call.observed(f"{label}: is_admin and plan", got).gives([(False, "free")])
        want = {"id": 1, "email": "eve@example.com"}
        call.observed(f"{label}: body", body(response)).gives(want)


def shows_no_more_than_id_and_email(submission, call):
    """The answer names its fields."""
    response, _ = post_user(submission, {"email": "ada@example.com"})
    want = {"id": 1, "email": "ada@example.com"}
    call.observed("POST ada@example.com: body", body(response)).gives(want)
    texts = (json.dumps({"email": f"{name}@example.com"}) for name in ("ada", "bob"))
    (_, second), _ = post_users(submission, *texts)
    want = {"id": 2, "email": "bob@example.com"}
    call.observed("POST bob@example.com, the second user: body", body(second)).gives(want)


def refuses_a_body_that_does_not_fit(submission, call):
    """Neither a list nor a number nor a wrong e-mail is a reason for 500."""
    emails = (7, None, "ada", "", ["a@b"], ["@"], {"@": 1}, True)
    bodies = ([1], ["email", "@"], 7, "a@b", {}, None, *({"email": email} for email in emails))
    for text in (*map(json.dumps, bodies), '{"email": "a@b"', "email=a@b", ""):
        (response,), store = post_users(submission, text)
        label = f"POST {text}" if text else "POST with an empty body"
        call.observed(f"{label}: status", response.status_code).gives(422)
        call.observed(f"{label}: body", body(response)).gives({"error": "email"})
        call.observed(f"{label}: users in the store", len(store.users)).gives(0)
    store = Store()
    with during("make_app(store)"):
        app = submission.make_app(store)
    plain = {"Content-Type": "text/plain"}
    for label, path, how in (
        ("POST a form with an email", "/users", {"data": {"email": "ada@example.com"}}),
        ("POST plain text", "/users", {"content": "a@b", "headers": plain}),
        ("POST /users?email=a@b with the JSON []", "/users?email=a@b", {"json": []}),
        ("POST without a body and without a Content-Type", "/users", {}),
    ):
        response = wsgi(app, "POST", path, **how)
        call.observed(f"{label}: status", response.status_code).gives(422)
        call.observed(f"{label}: body", body(response)).gives({"error": "email"})
        call.observed(f"{label}: users in the store", len(store.users)).gives(0)


def answers_a_conflict(submission, call):
    """The store has the last word, also when the other request came a moment ago."""
    response, _ = post_user(submission, {"email": "taken@example.com"})
    label = "POST taken@example.com, which another request has just taken"
    call.observed(f"{label}: status", response.status_code).gives(409)
    call.observed(f"{label}: body", body(response)).gives({"error": "taken"})

    def unreachable(*values: Any, **named: Any) -> Any:
        raise ConnectionError("gone")

    gone = SimpleNamespace(add=unreachable, find=lambda email: None)
    (response,), _ = post_users(submission, '{"email": "ada@example.com"}', store=gone)
    label = "POST ada@example.com, store.add() raises ConnectionError: told that it is taken"
    call.observed(label, response.status_code == 409).gives(False)


# --- repair: the view set -------------------------------------------------------------------------


@cache
def django_users() -> Any:
    """Set Django up on a database in memory, once; return its user model."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    apps = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"]
    settings.configure(
        SECRET_KEY="only for this check, and only as long as it takes to run it",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=apps,
        MIGRATION_MODULES={"contenttypes": None, "auth": None},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
        ROOT_URLCONF=(),
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from django.contrib.auth.models import User

    return User


def as_bob(submission: Any) -> tuple[Callable[..., Any], Any, Any]:
    """Route the learner's view set; give how Bob asks it, and the rows of Ada and Bob."""
    User = django_users()
    from rest_framework import routers
    from rest_framework.test import APIRequestFactory, force_authenticate

    User.objects.all().delete()
    names = ("ada", "bob")
    ada, bob = (User.objects.create_user(n, f"{n}@example.com", f"pw-{n}") for n in names)
    with during("make_view_set(User)"):
        view_set = submission.make_view_set(User)
    router = routers.SimpleRouter()
    router.register("users", view_set, basename="user")

    def ask(method: str, path: str, data: Any = None, who: Any = bob) -> Any:
        from django.urls import Resolver404
        from django.urls.resolvers import RegexPattern, URLResolver

        request = getattr(APIRequestFactory(), method.lower())(path, data, format="json")
        if who:
            force_authenticate(request, who)
        with during(f"{method} {path} as {who.username.title() if who else 'nobody'}"):
            try:
                match = URLResolver(RegexPattern(r"^/"), router.urls).resolve(path)
            except Resolver404:
                return SimpleNamespace(status_code=404, data=None)
            return match.func(request, *match.args, **match.kwargs).render()

    return ask, ada, bob


def plain(response: Any) -> Any:
    """Give a DRF response's data as plain values."""
    return json.loads(response.content) if getattr(response, "content", b"") else None


def shows_your_own_row(submission, call):
    """List and detail show Bob to Bob, with three fields."""
    ask, ada, bob = as_bob(submission)
    me = {"id": bob.pk, "username": "bob", "email": "bob@example.com"}
    rows = plain(ask("GET", "/users/")) or []
    call.observed("GET /users/ as Bob: names", [row.get("username") for row in rows]).gives(["bob"])
    for label, row in (
        ("GET /users/ as Bob: its row", rows[0]),
        ("GET Bob's row as Bob", plain(ask("GET", f"/users/{bob.pk}/")) or {}),
    ):
        call.observed(f"{label}: fields", sorted(row)).gives(sorted(me))
        call.observed(label, row).gives(me)
    ada.is_staff = ada.is_superuser = True
    rows = plain(ask("GET", "/users/", who=ada)) or []
    label = "GET /users/ as Ada, who is staff and superuser: names"
    call.observed(label, [row.get("username") for row in rows]).gives(["ada"])
    django_users().objects.create_user("BOB", "bob@example.com", "pw-BOB")
    rows = plain(ask("GET", "/users/")) or []
    label = "GET /users/ as Bob, when there is a user BOB with the same e-mail: names"
    call.observed(label, [row.get("username") for row in rows]).gives(["bob"])
    status = ask("GET", "/users/", who=None).status_code
    call.observed("GET /users/ without a login: refused", status in (401, 403)).gives(True)


def hides_the_rows_of_others(submission, call):
    """Ada's row does not exist for Bob."""
    ask, ada, _ = as_bob(submission)
    for method, data in (("GET", None), ("PATCH", {"email": "bob@example.com"})):
        status = ask(method, f"/users/{ada.pk}/", data).status_code
        call.observed(f"{method} Ada's row as Bob: status", status).gives(404)
    ada.refresh_from_db()
    call.observed("Ada's e-mail afterwards", ada.email).gives("ada@example.com")


def changes_email_and_password(submission, call):
    """Bob changes what is his; a password is hashed, and stays when it is not sent."""
    ask, _, bob = as_bob(submission)
    response = ask("PATCH", f"/users/{bob.pk}/", {"email": "new@example.com"})
    call.observed("PATCH Bob's e-mail: status", response.status_code).gives(200)
    bob.refresh_from_db()
    call.observed("Bob's e-mail afterwards", bob.email).gives("new@example.com")
    same = bob.check_password("pw-bob")
    call.observed("Bob's old password, which was not sent, still holds", same).gives(True)
    response = ask("PATCH", f"/users/{bob.pk}/", {"password": "sesame"})
    call.observed("PATCH Bob's password: status", response.status_code).gives(200)
    bob.refresh_from_db()
    call.observed("the new password is stored in clear", bob.password == "sesame").gives(False)
    call.observed("check_password('sesame')", bob.check_password("sesame")).gives(True)
    call.observed("Bob's e-mail, which was not sent", bob.email).gives("new@example.com")
    shown = "password" in (plain(response) or {})
    call.observed("PATCH Bob's password: the answer shows a password", shown).gives(False)
    ask("PATCH", f"/users/{bob.pk}/", {"email": "both@example.com", "password": "mellon"})
    bob.refresh_from_db()
    got = (bob.email, bob.check_password("mellon"))
    label = "PATCH Bob's e-mail and password at once: e-mail, check_password('mellon')"
    call.observed(label, got).gives(("both@example.com", True))


def ignores_every_other_field(submission, call):
    """Flags and names stay as they are, whatever is sent."""
    ask, _, bob = as_bob(submission)
    flags = {"is_superuser": True, "is_staff": True, "is_active": False}
    wish = {**flags, "username": "root", "first_name": "x", "last_name": "y", "id": bob.pk + 7}
    response = ask("PATCH", f"/users/{bob.pk}/", wish)
    call.observed(f"PATCH {wish} as Bob: status", response.status_code).gives(200)
    bob.refresh_from_db()
    got = {name: getattr(bob, name) for name in wish}
    flags = {"is_superuser": False, "is_staff": False, "is_active": True}
    want = {**flags, "username": "bob", "first_name": "", "last_name": "", "id": bob.pk}
    call.observed("Bob's row afterwards", got).gives(want)


def knows_no_other_verbs(submission, call):
    """Accounts are neither made nor deleted here."""
    ask, _, bob = as_bob(submission)
    data = {"username": "eve", "email": "eve@example.com", "password": "x"}
    call.observed("POST /users/: status", ask("POST", "/users/", data).status_code).gives(405)
    status = ask("DELETE", f"/users/{bob.pk}/").status_code
    call.observed("DELETE Bob's row: status", status).gives(405)
    call.observed("users afterwards", django_users().objects.count()).gives(2)
