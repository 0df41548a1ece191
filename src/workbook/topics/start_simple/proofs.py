"""The proofs of chapter 01: each builds the real thing, runs it and returns what it observed.

``ONE``, ``FLAT`` and ``LAYERS`` are the chapter's service in its three structures, file by file as
the notebook writes them. What is counted is files, lines, calls and modules: never seconds.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

from workbook import scratch
from workbook.sandbox import proof

#: The service as one file.
ONE = """
# file: main.py
import os
import sqlite3
from contextlib import closing

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

FILE = os.environ.get("LOANS", "loans.db")
app = FastAPI()

class NewLoan(BaseModel):
    item: str
    days: int

def fee(days):
    return 200 * min(days, 7) + 100 * max(days - 7, 0)

def query(sql, *values):
    with closing(sqlite3.connect(FILE)) as db, db:
        return db.execute(sql, values).fetchall()

query("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, item TEXT, days INTEGER)")

@app.post("/loans", status_code=201)
def lend(new: NewLoan):
    [(id,)] = query("INSERT INTO loan (item, days) VALUES (?, ?) RETURNING id", new.item, new.days)
    return {"id": id, "item": new.item, "days": new.days, "fee": fee(new.days)}

@app.get("/loans/{id}")
def find(id: int):
    for item, days in query("SELECT item, days FROM loan WHERE id = ?", id):
        return {"id": id, "item": item, "days": days, "fee": fee(days)}
    raise HTTPException(404)
"""

#: The same service as a flat package.
FLAT = """
# file: loans/__init__.py
# file: loans/pricing.py
def fee(days):
    return 200 * min(days, 7) + 100 * max(days - 7, 0)
# file: loans/store.py
import os
import sqlite3
from contextlib import closing

def query(sql, *values):
    with closing(sqlite3.connect(os.environ.get("LOANS", "loans.db"))) as db, db:
        return db.execute(sql, values).fetchall()

def create():
    query("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, item TEXT, days INTEGER)")

def add(item, days):
    return query("INSERT INTO loan (item, days) VALUES (?, ?) RETURNING id", item, days)[0][0]

def get(id):
    return next(iter(query("SELECT item, days FROM loan WHERE id = ?", id)), None)
# file: loans/api.py
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from . import store
from .pricing import fee

store.create()
app = FastAPI()

class NewLoan(BaseModel):
    item: str
    days: int

def show(id, item, days):
    return {"id": id, "item": item, "days": days, "fee": fee(days)}

@app.post("/loans", status_code=201)
def lend(new: NewLoan):
    return show(store.add(new.item, new.days), new.item, new.days)

@app.get("/loans/{id}")
def find(id: int):
    if row := store.get(id):
        return show(id, *row)
    raise HTTPException(404)
"""

#: The same service with the layers of a textbook.
LAYERS = """
# file: loans/__init__.py
# file: loans/domain/__init__.py
# file: loans/domain/loan.py
from dataclasses import dataclass

@dataclass
class Loan:
    item: str
    days: int
    id: int | None = None

    @property
    def fee(self):
        return 200 * min(self.days, 7) + 100 * max(self.days - 7, 0)
# file: loans/domain/ports.py
from typing import Protocol

from .loan import Loan

class Loans(Protocol):
    def add(self, loan: Loan) -> Loan: ...
    def get(self, id: int) -> Loan | None: ...
# file: loans/application/__init__.py
# file: loans/application/commands.py
from dataclasses import dataclass

@dataclass
class Lend:
    item: str
    days: int
# file: loans/application/service.py
from ..domain.loan import Loan
from ..domain.ports import Loans
from .commands import Lend

class LoanService:
    def __init__(self, loans: Loans):
        self.loans = loans

    def lend(self, command: Lend) -> Loan:
        return self.loans.add(Loan(command.item, command.days))

    def find(self, id: int) -> Loan | None:
        return self.loans.get(id)
# file: loans/infrastructure/__init__.py
# file: loans/infrastructure/database.py
import os
import sqlite3
from contextlib import closing

def query(sql, *values):
    with closing(sqlite3.connect(os.environ.get("LOANS", "loans.db"))) as db, db:
        return db.execute(sql, values).fetchall()

def create():
    query("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, item TEXT, days INTEGER)")
# file: loans/infrastructure/repository.py
from ..domain.loan import Loan
from .database import query

class SqliteLoans:
    def add(self, loan: Loan) -> Loan:
        sql = "INSERT INTO loan (item, days) VALUES (?, ?) RETURNING id"
        [(loan.id,)] = query(sql, loan.item, loan.days)
        return loan

    def get(self, id: int) -> Loan | None:
        rows = query("SELECT item, days, id FROM loan WHERE id = ?", id)
        return Loan(*rows[0]) if rows else None
# file: loans/api/__init__.py
# file: loans/api/schemas.py
from pydantic import BaseModel

class NewLoan(BaseModel):
    item: str
    days: int

class ShownLoan(BaseModel):
    id: int
    item: str
    days: int
    fee: int
# file: loans/api/routes.py
from fastapi import APIRouter, HTTPException, Request

from ..application.commands import Lend
from .schemas import NewLoan, ShownLoan

router = APIRouter()

@router.post("/loans", status_code=201)
def lend(new: NewLoan, request: Request):
    loan = request.app.state.service.lend(Lend(new.item, new.days))
    return ShownLoan.model_validate(loan, from_attributes=True)

@router.get("/loans/{id}")
def find(id: int, request: Request):
    if loan := request.app.state.service.find(id):
        return ShownLoan.model_validate(loan, from_attributes=True)
    raise HTTPException(404)
# file: loans/main.py
from fastapi import FastAPI

from .api.routes import router
from .application.service import LoanService
from .infrastructure.database import create
from .infrastructure.repository import SqliteLoans

create()
app = FastAPI()
app.state.service = LoanService(SqliteLoans())
app.include_router(router)
"""


# --- what several proofs need ---------------------------------------------------------------------


def texts(project: scratch.Project) -> dict[str, str]:
    """Return the text of each Python file of a project."""
    files = project.path.rglob("*.py")
    return {file.relative_to(project.path).as_posix(): file.read_text("utf-8") for file in files}


def edited(files: dict[str, str], edits: list[tuple[str, str, str]]) -> dict[str, str]:
    """Apply edits (file, old text, new text), each of which must fit in one place at least."""
    files = dict(files)
    for name, old, new in edits:
        assert old in files[name], (name, old)
        files[name] = files[name].replace(old, new)
    return files


def git(project: scratch.Project, command: str) -> scratch.Outcome:
    """Run git as a committer of its own, whatever this machine's user has configured."""
    who = "-c user.name=a -c user.email=a@example.com -c commit.gpgsign=false"
    return project.run(f"git {who} {command}")


def merged(base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]) -> Any:
    """Commit two changes of one base on two branches and merge them; give project and outcome."""
    project = scratch.Project("merged", base)
    commands = ["init -q -b main", "add .", "commit -qm base", "checkout -qb theirs"]
    for command in commands:
        git(project, command)
    project.write(theirs)
    for command in ["add .", "commit -qm theirs", "checkout -q main"]:
        git(project, command)
    project.write(ours)
    for command in ["add .", "commit -qm ours"]:
        git(project, command)
    return project, git(project, "merge theirs -m both")


# --- warm-up --------------------------------------------------------------------------------------


@proof("importlib")
def from_import_runs() -> Any:
    import importlib
    import sys

    code = """
        log = ["top"]

        def fee(days):
            log.append("fee")
            return 200 * days

        log.append("bottom")
    """
    project = scratch.Project("warm_up", {"shop.py": dedent(code)})
    sys.path.insert(0, str(project.path))
    for _ in range(2):
        fee = importlib.import_module("shop").fee
    return sys.modules[fee.__module__].log


@proof("fractions")
def expected_hours() -> Any:
    from fractions import Fraction

    outcomes = [(Fraction(3, 10), 40), (Fraction(7, 10), 0)]
    return int(sum(chance * hours for chance, hours in outcomes))


@proof("sqlite3", "unittest.mock")
def nothing_to_start() -> Any:
    """Run each function in two worlds that differ in date, data and environment."""
    import sqlite3
    from datetime import date
    from unittest.mock import Mock

    code = """
        def fee(days):
            return 200 * min(days, 7) + 100 * max(days - 7, 0)

        def overdue(due):
            return date.today() > due

        def discounted(amount, share=0.5):
            return amount - share * amount

        def days_of(loan_id):
            return db.execute("SELECT days FROM loan WHERE id = ?", (loan_id,)).fetchone()[0]
    """
    seen = []
    for year, days in (2020, 3), (2040, 5):
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE loan (id, days)")
        db.execute("INSERT INTO loan VALUES (1, ?)", (days,))
        world: dict[str, Any] = {"date": Mock(today=lambda year=year: date(year, 1, 1)), "db": db}
        exec(dedent(code), world)
        calls = {"fee": (9,), "overdue": (date(2030, 1, 1),), "discounted": (700,), "days_of": (1,)}
        seen.append({name: world[name](*given) for name, given in calls.items()})
    return [name for name in seen[0] if seen[0][name] == seen[1][name]]


# --- 1 and 2: one service, three times ------------------------------------------------------------


@proof("fastapi")
def frames_of_a_failure() -> Any:
    """Drop the table under the layered service, and read the traceback of a POST."""
    import fastapi  # noqa: F401 (the project below runs it)

    project = scratch.Project("layers", LAYERS)
    project.write(
        {
            "fail.py": dedent("""
        import traceback
        from fastapi.testclient import TestClient
        from loans.infrastructure.database import query
        from loans.main import app

        query("DROP TABLE loan")
        try:
            TestClient(app).post("/loans", json={"item": "drill", "days": 1})
        except Exception as error:
            for frame in traceback.extract_tb(error.__traceback__):
                if "/loans/" in frame.filename:
                    print(">", frame.filename.rpartition("/")[2].removesuffix(".py"))
    """)
        }
    )
    return re.findall(r"(?m)^> (\w+)$", project.run("python fail.py").output)


DAYS, INSIDE = "    days: int\n", "loans/infrastructure/"
MEMBER = DAYS + "    member: str\n"
#: The edits that add a field to LAYERS, end to end: file, text, text in its place.
FIELD = [
    ("loans/domain/loan.py", DAYS, MEMBER),
    ("loans/application/commands.py", DAYS, MEMBER),
    ("loans/application/service.py", "command.days)", "command.days, command.member)"),
    (INSIDE + "database.py", "days INTEGER)", "days INTEGER, member TEXT)"),
    (INSIDE + "repository.py", "days) VALUES (?, ?)", "days, member) VALUES (?, ?, ?)"),
    (INSIDE + "repository.py", "loan.item, loan.days)", "loan.item, loan.days, loan.member)"),
    (INSIDE + "repository.py", "item, days, id", "item, days, member, id"),
    ("loans/api/schemas.py", DAYS + "\nclass", MEMBER + "\nclass"),
    ("loans/api/schemas.py", DAYS + "    fee", MEMBER + "    fee"),
    ("loans/api/routes.py", "new.days)", "new.days, new.member)"),
]


@proof("difflib")
def files_of_three_changes() -> Any:
    """Make three changes to the layered service; count the files in which lines differ."""
    before = texts(scratch.Project("layers", LAYERS))
    rule = [("loans/domain/loan.py", "+ 100 *", "+ 150 *")]
    memory = """
        class MemoryLoans:
            def __init__(self):
                self.loans = {}

            def add(self, loan):
                loan.id = len(self.loans) + 1
                self.loans[loan.id] = loan
                return loan

            def get(self, id):
                return self.loans.get(id)
    """
    storage = [
        ("loans/main.py", "from .infrastructure.database import create\n", ""),
        ("loans/main.py", "create()\n", ""),
        ("loans/main.py", "repository import SqliteLoans", "memory import MemoryLoans"),
        ("loans/main.py", "SqliteLoans()", "MemoryLoans()"),
    ]
    after = {"field": edited(before, FIELD), "rule": edited(before, rule)}
    after["storage"] = edited(before, storage) | {INSIDE + "memory.py": dedent(memory)}

    def differs(name: str, files: dict[str, str]) -> bool:
        old, new = before.get(name, "").splitlines(), files.get(name, "").splitlines()
        return any(line[0] in "+-" for line in difflib.ndiff(old, new))

    return {
        change: str(sum(differs(name, files) for name in before | files))
        for change, files in after.items()
    }


@proof("fastapi")
def forgotten_places() -> Any:
    """Leave out one edit of the new field at a time, and post a loan with a member."""
    import fastapi  # noqa: F401 (the projects below run it)

    places = {"new": 7, "column": 3, "shown": 8}
    ask = """
        import warnings
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient
        from loans.main import app

        http = TestClient(app, raise_server_exceptions=False)
        new = http.post("/loans", json={"item": "drill", "days": 3, "member": "Ada"})
        print(new.status_code, new.status_code == 201 and new.json().get("member"))
    """
    before, seen = texts(scratch.Project("layers", LAYERS)), {}
    for name, place in places.items():
        project = scratch.Project("forgot", edited(before, FIELD[:place] + FIELD[place + 1 :]))
        got = project.run(["python", "-c", dedent(ask)]).output.rpartition("\n")[2]
        meanings = {"500 False": "error", "422 False": "refused", "201 None": "silent"}
        seen[name] = meanings.get(got, got)
    return seen


@proof("fastapi")
def modules_of_an_import() -> Any:
    import fastapi  # noqa: F401 (the projects below import it)

    loaded = []
    for text, name in (ONE, "main"), (LAYERS, "loans.main"):
        project = scratch.Project("counted", text)
        code = f"import {name}, sys; print(len(sys.modules))"
        loaded.append(int(project.run(["python", "-c", code]).output))
    more = loaded[1] / loaded[0] - 1
    bands = {"under 10 %": 0.1, "under 35 %": 0.35, "under 60 %": 0.6}
    return next((band for band, below in bands.items() if more < below), "twice or more")


# --- 3. the change that one file cannot take ------------------------------------------------------


@proof("fastapi")
def what_a_job_gets() -> Any:
    """Import one function of the one file, and look at what is there that was not asked for."""
    import fastapi  # noqa: F401 (the project below imports it)

    job = """
        import sys
        from pathlib import Path

        opened = []
        sys.addaudithook(lambda event, args: opened.append(event) if event == "socket.bind" else 0)
        from main import fee
        import main

        seen = ["a framework"] * ("fastapi" in sys.modules)
        seen += ["a database file"] * Path("loans.db").exists()
        seen += ["an open port"] * bool(opened)
        seen += ["only the function"] * (not hasattr(main, "find"))
        print(*seen, sep="\\n")
    """
    project = scratch.Project("one", ONE)
    project.write({"job.py": dedent(job)})
    return project.run("python job.py").output.splitlines()


@proof("fastapi")
def imports_without_a_framework() -> Any:
    """Try imports where FastAPI cannot be imported; each of them works where it can."""
    import fastapi  # noqa: F401

    tries = {
        "one": (ONE, "from main import fee"),
        "pricing": (FLAT, "from loans.pricing import fee"),
        "store": (FLAT, "from loans.store import add"),
        "api": (FLAT, "from loans.api import show"),
    }
    work = []
    for name, (text, line) in tries.items():
        project = scratch.Project("without", text)
        code = f"import sys\nsys.modules['fastapi'] = None\n{line}"
        if project.run(["python", "-c", code]).code == 0:
            work.append(name)
    return work


@proof("fastapi")
def a_convenient_init() -> Any:
    import fastapi  # noqa: F401

    project = scratch.Project("flat", FLAT)
    project.write({"loans/__init__.py": "from .api import app\n"})
    code = "import sys\nsys.modules['fastapi'] = None\nimport loans.pricing"
    return (
        project.run(["python", "-c", code]).output.rpartition("\n")[2].partition(":")[0] or "works"
    )


@proof("sqlite3")
def files_at_import() -> Any:
    """Run a module line by line, as another's import does; note what each line does to data."""
    import sqlite3
    import sys

    listing = """
        import json, os, sqlite3
        from pathlib import Path

        FILE = os.environ.get("LOANS", "loans.db")
        RATES = json.loads(Path("rates.json").read_text())
        db = sqlite3.connect(FILE)

        def connect():
            return sqlite3.connect(FILE)

        db.execute("CREATE TABLE IF NOT EXISTS loan (id INTEGER PRIMARY KEY, item TEXT)")

        def show(path="rates.json"):
            print(Path(path).read_text())

        if __name__ == "__main__":
            show()
    """
    project = scratch.Project("at_import", {"shop.py": dedent(listing).strip("\n")})
    project.write(
        {
            "rates.json": "{}",
            "watch.py": dedent("""
        import os, sys
        current, seen = [0], set()
        size = lambda: os.path.getsize("loans.db") if os.path.exists("loans.db") else -1

        def hook(event, args):
            if event in ("open", "sqlite3.connect") and str(args[0]).endswith((".json", ".db")):
                seen.add(current[0])

        def trace(frame, event, arg):
            if frame.f_code.co_filename.endswith("shop.py") and frame.f_code.co_name == "<module>":
                if size() != trace.size and current[0]:
                    seen.add(current[0])
                current[0], trace.size = frame.f_lineno, size()
                return trace

        trace.size = size()
        sys.addaudithook(hook)
        sys.settrace(trace)
        import shop
        sys.settrace(None)
        print(*sorted(seen))
    """),
        }
    )
    assert sqlite3.sqlite_version
    return [int(number) for number in project.run([sys.executable, "watch.py"]).output.split()]


@proof("subprocess", needs="git")
def pairs_that_conflict() -> Any:
    """Let git merge each file that both sides of a pair changed, and count its conflicts."""
    main = {"main.py": ONE.partition("\n")[2]}

    def endpoint(name: str) -> dict[str, str]:
        return {
            "main.py": f'{main["main.py"]}\n@app.get("/{name}")\ndef {name}():\n    return []\n'
        }

    def listed(*names: str) -> dict[str, str]:
        lines = "".join(f'    "{name}",\n' for name in names)
        return {"app.py": f"routers = [\n{lines}]\n"}

    rule = {"main.py": main["main.py"].replace("+ 100 *", "+ 150 *")}
    base = main | listed("loans")
    pairs = {
        "both at the end": (endpoint("members"), endpoint("items")),
        "the rule, and the end": (rule, endpoint("items")),
        "a new module each": ({"members.py": "a = 1\n"}, {"items.py": "b = 2\n"}),
        "a new module and a line each": (
            {"members.py": "a = 1\n", **listed("loans", "members")},
            {"items.py": "b = 2\n", **listed("loans", "items")},
        ),
    }
    conflicts = []
    for name, (ours, theirs) in pairs.items():
        for file in ours.keys() & theirs.keys():
            versions = {"ours": ours[file], "base": base[file], "theirs": theirs[file]}
            merge = git(scratch.Project("merged", versions), "merge-file -p ours base theirs")
            conflicts += [name] * (merge.code != 0)
    return conflicts


@proof("subprocess", needs="git")
def a_clean_merge() -> Any:
    """One branch renames a function, the other calls it in a new file; merge and run."""
    base = {"pricing.py": "def fee(days):\n    return 200 * days\n", "page.py": "import pricing\n"}
    base["page.py"] += "\ndef page(days):\n    return pricing.fee(days)\n"
    ours = {name: text.replace("fee(", "price(") for name, text in base.items()}
    theirs = {"mail.py": "import pricing\n\ndef mail(days):\n    return pricing.fee(days)\n"}
    project, merge = merged(base, ours, theirs)
    run = project.run(["python", "-c", "import mail; mail.mail(3)"]).output
    return [
        "conflict" if "CONFLICT" in merge.output else "clean",
        run.rpartition("\n")[2].partition(":")[0] or "runs",
    ]


# --- 4. where layers pay --------------------------------------------------------------------------


@proof("unittest.mock")
def charged_and_not_lent() -> Any:
    from unittest.mock import Mock

    def lend(loans: Any, payments: Any, item: str, member: str) -> None:
        payments.charge(member, 2000)
        loans.add(item, member)

    loans, payments = Mock(), Mock()
    loans.add.side_effect = OSError("disk full")
    with contextlib.suppress(OSError):
        lend(loans, payments, "drill", "Ada")
    return payments.charge.call_count - payments.refund.call_count


@proof("pytest", "sqlite3")
def one_contract_two_stores() -> Any:
    import sqlite3

    import pytest

    assert pytest.__version__
    assert sqlite3.sqlite_version
    project = scratch.Project(
        "contract",
        {
            "test_stores.py": dedent("""
        import sqlite3
        import pytest

        class AlreadyOut(Exception):
            pass

        class FakeLoans:
            def __init__(self):
                self.members = {}

            def add(self, item, member):
                self.members[item] = member

        class SqliteLoans:
            def __init__(self):
                self.db = sqlite3.connect(":memory:")
                self.db.execute("CREATE TABLE loan (item TEXT UNIQUE, member TEXT)")

            def add(self, item, member):
                try:
                    self.db.execute("INSERT INTO loan VALUES (?, ?)", (item, member))
                except sqlite3.IntegrityError:
                    raise AlreadyOut(item) from None

        @pytest.mark.parametrize("store", [FakeLoans, SqliteLoans])
        def test_an_item_is_lent_once(store):
            loans = store()
            loans.add("drill", "Ada")
            with pytest.raises(AlreadyOut):
                loans.add("drill", "Bob")
    """)
        },
    )
    out = project.run("python -m pytest -q -rA").output
    found = dict(re.findall(r"(?m)^(PASSED|FAILED) .*\[(\w+)\]", out))
    return [{name: word for word, name in found.items()}[s] for s in ("FakeLoans", "SqliteLoans")]


@proof("ast")
def methods_that_forward() -> Any:
    code = """
        class LoanService:
            def __init__(self, loans, clock):
                self.loans, self.clock = loans, clock

            def find(self, id):
                return self.loans.get(id)

            def lend(self, item, days):
                if self.loans.is_out(item):
                    raise AlreadyOut(item)
                return self.loans.add(item, self.clock() + days)

            def of_member(self, member):
                return self.loans.of_member(member)

            def overdue(self):
                return self.loans.due_before(self.clock())
    """
    found = []
    for node in ast.walk(ast.parse(dedent(code).strip("\n"))):
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[0], ast.Return):
            given = [each.arg for each in node.args.args if each.arg != "self"]
            call = node.body[0].value
            if isinstance(call, ast.Call) and [ast.unparse(a) for a in call.args] == given:
                found.append(node.lineno)
    return found


# --- 5. the wrong abstraction ---------------------------------------------------------------------


@proof("pytest")
def change_for_one_caller() -> Any:
    """Quotes are to be in whole euros: change what two others share with them, run the tests."""
    import pytest

    assert pytest.__version__
    shop = """
        def total(prices):
            return sum(prices) // 100 * 100

        def quote(prices):
            return f"Quote: {total(prices) / 100:.2f}"

        def invoice(prices):
            return f"Invoice: {total(prices) / 100:.2f}"

        def refund(prices):
            return f"Refund: {total(prices) / 100:.2f}"
    """
    tests = """
        from shop import invoice, quote, refund

        def test_quote_in_whole_euros():
            assert quote([1050, 299]) == "Quote: 13.00"

        def test_invoice():
            assert invoice([1050, 299]) == "Invoice: 13.49"

        def test_refund():
            assert refund([1050, 299]) == "Refund: 13.49"
    """
    project = scratch.Project("shared", {"shop.py": dedent(shop), "test_shop.py": dedent(tests)})
    out = project.run("python -m pytest -q").output
    return [int(n) for n in re.findall(r"(\d+) (?:failed|passed)", out.rpartition("\n")[2])]


@proof("coverage")
def branches_of_three_flags() -> Any:
    """Two tests of a function with three flags: the percentage that branch coverage reports."""
    import coverage

    assert coverage.__version__
    project = scratch.Project(
        "flags",
        {
            "line.py": dedent("""
        def line(text, vat=False, short=False, bold=False):
            if vat:
                text += " incl. VAT"
            if short:
                text = text[:12]
            if bold:
                text = f"**{text}**"
            return text
    """),
            "test_line.py": dedent("""
        from line import line

        def test_plain():
            assert line("Drill") == "Drill"

        def test_everything():
            assert line("Drill", vat=True, short=True, bold=True) == "**Drill incl. **"
    """),
        },
    )
    project.run("python -m coverage run --branch --include=line.py -m pytest -q")
    return int(re.findall(r"(\d+)%", project.run("python -m coverage report").output)[-1])


@proof("ruff")
def boolean_positions() -> Any:
    import importlib

    importlib.import_module("ruff")  # the program below

    project = scratch.Project(
        "booleans",
        {
            "mail.py": dedent("""
        def receipt(order, vat=False):
            return render(order, True, vat)

        def reminder(order, *, urgent: bool):
            return render(order, paid=False, urgent=urgent)

        def render(order, paid: bool, urgent: bool, vat=True):
            return f"{order} {paid} {urgent} {vat}"
    """).lstrip("\n")
        },
    )
    out = project.run(
        "ruff check --isolated --no-cache --select FBT --output-format concise ."
    ).output
    return sorted({int(line) for line in re.findall(r"mail\.py:(\d+):", out)})


# --- 6. YAGNI -------------------------------------------------------------------------------------


def costs(chance: Any, *, build: Any, carry: Any, months: Any, later: Any) -> tuple[Any, Any]:
    """Return the expected hours of building now, and of waiting."""
    return build + carry * months, chance * later


@proof("fractions")
def where_both_cost_the_same() -> Any:
    from fractions import Fraction

    for percent in range(101):
        now, wait = costs(
            Fraction(percent, 100), build=6, carry=Fraction(1, 2), months=12, later=30
        )
        if now <= wait:
            return percent


@proof("fractions")
def what_moves_the_break_even() -> Any:
    from fractions import Fraction

    def even(**given: int) -> Fraction:
        given = {"build": 6, "carry": 1, "months": 6, "later": 30, **given}
        every = (Fraction(n, 1000) for n in range(1001))
        return next(chance for chance in every if (c := costs(chance, **given))[0] <= c[1])

    moved = {
        "dearer": even(later=60),
        "carry": even(carry=2),
        "sooner": even(months=3),
        "likelier": even(),
    }
    return {
        change: "rises" if at > even() else "falls" if at < even() else "stays"
        for change, at in moved.items()
    }


@proof("zoneinfo")
def texts_of_two_instants() -> Any:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    instants = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    return len({f"{moment.astimezone(berlin):%Y-%m-%d %H:%M}" for moment in instants})


@proof("pydantic")
def what_an_old_client_reads() -> Any:
    from pydantic import BaseModel, ValidationError

    class Loan(BaseModel):
        id: int
        fee: int  # in cents

    answers = {
        "added": {"id": 1, "fee": 1700, "member": "Ada"},
        "renamed": {"id": 1, "price": 1700},
        "euros": {"id": 1, "fee": 17},
        "removed": {"fee": 1700},
    }
    read = {}
    for change, answer in answers.items():
        try:
            right = Loan.model_validate(answer) == Loan(id=1, fee=1700)
            read[change] = "the same" if right else "another amount"
        except ValidationError:
            read[change] = "an error"
    return read


# --- 7. the size table ----------------------------------------------------------------------------

#: The guide's table: lines from, below; people from, to; structure.
TABLE = """
0,500,1,1,single file
500,2000,1,2,flat
2000,10000,2,5,features
5000,20000,3,8,layers
20000,inf,5,inf,hexagonal
"""


def suggested(lines: int, people: int) -> list[str]:
    import csv

    found = []
    for *numbers, name in csv.reader(TABLE.split("\n")[1:-1]):
        low, high, few, many = map(float, numbers)
        if low <= lines < high and few <= people <= many:
            found.append(name)
    return found


@proof("csv")
def two_answers() -> Any:
    return suggested(7_000, 4)


@proof("csv")
def rows_that_fit() -> Any:
    asked = {"report": (300, 3), "tool": (1_500, 1), "shop": (6_000, 3), "alone": (7_000, 1)}
    return {name: str(len(suggested(*size))) for name, size in asked.items()}


@proof("flask")
def shape_of_flask() -> Any:
    """Count the folders with Python files below Flask's own, and how deep they are."""
    import flask

    root = Path(flask.__file__).parent
    folders = {file.parent.relative_to(root) for file in root.rglob("*.py")} - {Path()}
    depth = max(len(folder.parts) for folder in folders)
    return [len(folders) <= 3, depth]


# --- 8. the Zen -----------------------------------------------------------------------------------


@proof("importlib")
def packages_on_the_way() -> Any:
    import importlib
    import sys

    names = ["hire", "hire/domain", "hire/domain/pricing", "hire/api"]
    note = "import sys\nsys.ran.append(__name__)\n"
    files = {f"{name}/__init__.py": note for name in names}
    files["hire/domain/pricing/fees.py"] = note
    project = scratch.Project("nested", files)
    ran: list[str] = []
    setattr(sys, "ran", ran)  # noqa: B010 (a place that each of them can reach)
    sys.path.insert(0, str(project.path))
    importlib.import_module("hire.domain.pricing.fees")
    return ran


@proof("re")
def where_a_name_is_found() -> Any:
    code = """
        class Webhook:
            def handle(self, event):
                return getattr(self, f"on_{event['type']}")(event)

            def on_paid(self, event):
                return "thanks"

            def on_refunded(self, event):
                return "sorry"
    """
    return [
        len(re.findall(r"\bon_paid\b", dedent(code))),
        len(re.findall(r"\bon_paid\(event\)", code)),
    ]


@proof("fastapi")
def a_module_that_is_gone() -> Any:
    """Lose a module, once where routers are discovered and once where they are imported by name."""
    import fastapi  # noqa: F401 (the project below runs it)

    found = """
        import importlib, pkgutil
        import fastapi, routes

        app = fastapi.FastAPI()
        for module in pkgutil.iter_modules(routes.__path__, "routes."):
            app.include_router(importlib.import_module(module.name).router)
    """
    named = """
        import fastapi
        from routes import items, reports

        app = fastapi.FastAPI()
        app.include_router(items.router)
        app.include_router(reports.router)
    """
    router = """
        from fastapi import APIRouter
        router = APIRouter()
        router.add_api_route("/{}", lambda: "here")
    """
    ask = (
        "from fastapi.testclient import TestClient as C; print(C(app).get('/reports').status_code)"
    )
    seen = {}
    for name, code in {"discovered": found, "named": named}.items():
        project = scratch.Project(name, {"app.py": dedent(code), "routes/__init__.py": ""})
        project.write({"routes/items.py": dedent(router).format("items")})
        run = project.run(["python", "-c", f"from app import app\nprint('started')\n{ask}"])
        seen[name] = (
            "404" if "404" in run.output else run.output.rpartition("\n")[2].partition(":")[0]
        )
    return seen


@proof("this")
def lines_of_the_zen() -> Any:
    import codecs
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        import this

    text = codecs.decode(this.s, "rot13").splitlines()
    asked = [
        "Flat is better than nested.",
        "There should be one obvious way to do it.",
        "Although never is often better than *right* now.",
        "You aren't gonna need it.",
    ]
    return [line for line in asked if line in text]
