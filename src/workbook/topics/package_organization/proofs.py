"""The proofs of chapter 03: each writes a small package, imports, draws or lints it, and counts.

A proof is shown to learners by *Show me*, so each can be read alone, with the helpers at the top.
"""

from __future__ import annotations

import importlib
import itertools
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook.sandbox import proof
from workbook.scratch import Project

Files = Mapping[str, str] | str


# --- what several proofs need ---------------------------------------------------------------------


@contextmanager
def importable(name: str, files: Files) -> Iterator[Project]:
    """Put a project's folder on the path; forget its modules afterwards."""
    project, known = Project(name, files), set(sys.modules)
    sys.path.insert(0, str(project.path))
    importlib.invalidate_caches()
    try:
        yield project
    finally:
        sys.path.remove(str(project.path))
        for module in set(sys.modules) - known:
            del sys.modules[module]


def outcome(module: str) -> str:
    """Import a module afresh; return "works", or the name of the exception."""
    package = module.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    try:
        importlib.import_module(module)
    except Exception as error:
        return type(error).__name__
    return "works"


def python(project: Project, *arguments: str) -> str:
    """Run this interpreter in a project; return what it printed, or its exception's last line."""
    words = [sys.executable, *arguments]
    ended = subprocess.run(words, cwd=project.path, capture_output=True, text=True, timeout=30)
    return (ended.stdout + ended.stderr).strip().rpartition("\n")[2]


def listing(question: str) -> str:
    """Return a question's code, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    entry = next(entry for entry in entries if entry["id"] == question)
    fenced = re.search(r"```\w+\n(.*?)```", entry["prompt"], re.DOTALL)
    text: str = entry["listing"] if "listing" in entry else fenced[1] if fenced else ""
    return text


def edges(project: Project, package: str, **how: Any) -> set[tuple[str, str]]:
    """Return the imports of a package, as grimp reads them: pairs of importer and imported."""
    import grimp

    with importable_path(project):
        graph = grimp.build_graph(package, cache_dir=None, **how)
    return {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}


@contextmanager
def importable_path(project: Project) -> Iterator[None]:
    """Put a project that is there already on the path."""
    sys.path.insert(0, str(project.path))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(project.path))


def lint(project: Project, contracts: str, package: str = "shed") -> str:
    """Check contracts with Import Linter; return its whole report."""
    import importlinter  # noqa: F401 (the child below runs it)

    head = f"[importlinter]\nroot_package = {package}\ninclude_external_packages = True\n"
    project.write({".importlinter": head + contracts})
    return project.run("lint-imports --no-cache --no-logo").output


def contract(kind: str, **options: str) -> str:
    """Write one contract, named after its kind."""
    lines = [f"[importlinter:contract:{kind}]", f"name = {kind}", f"type = {kind}"]
    for option, value in options.items():
        lines += [f"{option} =", *(f"    {one.strip()}" for one in value.split(","))]
    return "\n".join(lines) + "\n"


def verdicts(report: str) -> dict[str, str]:
    """Return KEPT or BROKEN for each contract of a report."""
    return dict(re.findall(r"^(\w+) (KEPT|BROKEN)\b", report, re.MULTILINE))


#: Two slices of three layers, flat: a tool library where members borrow tools.
FLAT = {
    "shed/__init__.py": "",
    "shed/database.py": "import sqlalchemy\n",
    "shed/member_models.py": "import sqlalchemy\nfrom shed import database\n",
    "shed/member_service.py": "from shed import member_models\n",
    "shed/member_routes.py": "from shed import database, member_service\n",
    "shed/loan_models.py": "import sqlalchemy\nfrom shed import database\n",
    "shed/loan_service.py": "from shed import loan_models, member_service\n",
    "shed/loan_routes.py": "from shed import database, loan_service\n",
    "shed/main.py": "from shed import database, loan_routes, member_routes\n",
}
SLICES = {
    "shed/__init__.py": "",
    "shed/members/__init__.py": "",
    "shed/members/service.py": "",
    "shed/loans/__init__.py": "",
    "shed/loans/service.py": "from shed.members import service as members\n",
}


# --- warm-up --------------------------------------------------------------------------------------


@proof("importlib")
def runs_once() -> Any:
    """Import one module by three statements."""
    with importable("noisy", {"noisy.py": "import builtins\nbuiltins.loads += 1\nvalue = 1\n"}):
        import builtins

        vars(builtins)["loads"] = 0
        noisy: Any = importlib.import_module("noisy")
        noisy.value = 2
        value = importlib.import_module("noisy").value
        again = importlib.import_module("noisy")
        return vars(builtins).pop("loads"), value, again.value


@proof("importlib")
def from_takes_the_value() -> Any:
    """Import a name, then assign to it in its module."""
    with importable("settings_now", {"settings_now.py": "debug = False\n"}):
        importlib.import_module("settings_now")
        scope: dict[str, Any] = {}
        lines = "import settings_now as settings", "from settings_now import debug"
        exec("\n".join([*lines, "settings.debug = True"]), scope)
        return scope["debug"], scope["settings"].debug


@proof("importlib")
def parents_first() -> Any:
    """Import a module two packages deep; each file tells when it runs."""
    import builtins

    told: list[str] = []
    vars(builtins)["told"] = told
    files = {
        "shop/__init__.py": "told.append('shop')",
        "shop/orders/__init__.py": "told.append('orders')",
        "shop/orders/models.py": "told.append('models')",
    }
    with importable("deep", files):
        importlib.invalidate_caches()
        scope: dict[str, Any] = {"told": told}
        exec("import shop.orders.models\ntold.append('bound' if 'shop' in dir() else '')", scope)
    del vars(builtins)["told"]
    return told


# --- 1. the graph ---------------------------------------------------------------------------------


@proof("grimp")
def downstream_of_models() -> Any:
    """Ask grimp for everything that depends on one module."""
    import grimp

    with importable("flat", FLAT):
        graph = grimp.build_graph("shed", cache_dir=None)
    return sorted(
        name.removeprefix("shed.") for name in graph.find_downstream_modules("shed.loan_models")
    )


@proof("grimp")
def what_the_graph_sees() -> Any:
    """Write the same import in five ways, each in a module of its own; see which grimp finds."""
    ways = {
        "top": "from shed import mail",
        "function": "def send():\n    from shed import mail",
        "checking": "import typing\nif typing.TYPE_CHECKING:\n    from shed import mail",
        "dynamic": "import importlib\nmail = importlib.import_module('shed.mail')",
        "name": "TASKS = ['shed.mail.send']",
    }
    files = {f"shed/{name}.py": text + "\n" for name, text in ways.items()}
    project = Project("ways", {**files, "shed/__init__.py": "", "shed/mail.py": ""})
    found = edges(project, "shed")
    return [name for name in ways if (f"shed.{name}", "shed.mail") in found]


# --- 2. two axes ----------------------------------------------------------------------------------


@proof("grimp")
def imports_between_packages() -> Any:
    """Count, in the graph, the imports among six modules that would cross a layer's border."""
    cells = re.compile(r"shed\.(member|loan)_(routes|service|models)")
    found = edges(Project("flat", FLAT), "shed")
    pairs = [(cells.fullmatch(a), cells.fullmatch(b)) for a, b in found]
    return sum(a[2] != b[2] for a, b in pairs if a and b)


@proof("importlinter")
def layers_contract() -> Any:
    """Add one import at a time to a package of three layers; note which break the contract."""
    base = {f"shed/{p}/__init__.py": "" for p in ("routes", "service", "models")}
    base |= {
        f"shed/{p}/{s}.py": ""
        for p in ("routes", "service", "models")
        for s in ("loans", "members")
    }
    tried = [
        "routes.loans -> models.loans",
        "service.loans -> service.members",
        "models.loans -> service.loans",
        "service.members -> routes.members",
    ]
    broken = []
    for one in tried:
        importer, imported = one.split(" -> ")
        package, _, name = imported.partition(".")
        file = f"shed/{importer.replace('.', '/')}.py"
        line = f"from shed.{package} import {name} as other\n"
        project = Project("layered", {**base, "shed/__init__.py": "", file: line})
        rule = contract("layers", layers="shed.routes,shed.service,shed.models")
        if verdicts(lint(project, rule)) == {"layers": "BROKEN"}:
            broken.append(one)
    return broken


@proof("importlinter")
def chain_to_sqlalchemy() -> Any:
    """Forbid sqlalchemy to a module that imports it only through others."""
    files = {**FLAT, "shed/member_routes.py": "import fastapi\nfrom shed import member_service\n"}
    rule = contract(
        "forbidden", source_modules="shed.member_routes", forbidden_modules="sqlalchemy"
    )
    report = lint(Project("flat", files), rule)
    chain = re.findall(r"^[- ]*(shed\.\w+) -> (?:shed\.)?(\w+)", report, re.MULTILINE)
    return [verdicts(report)["forbidden"], len(chain)]


# --- 3. change coupling ---------------------------------------------------------------------------


def logged(commits: Iterable[tuple[str, list[str]]]) -> list[list[str]]:
    """Make a git repository, commit each change to it; return the files of each, from the log."""
    project = Project("history")
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]

    def git(*words: str) -> str:
        words = ("git", *who, *words)
        return subprocess.run(
            words, cwd=project.path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "-q")
    for number, (message, files) in enumerate(commits):
        project.write(dict.fromkeys(files, f"# {number}\n"))
        git("add", "-A")
        git("commit", "-qm", message)
    return [entry.split() for entry in git("log", "--format=%x00", "--name-only").split("\0")[1:]]


@proof("subprocess", needs="git")
def packages_per_change() -> Any:
    """Commit the question's four changes; count the packages of each commit by layer."""
    changes = [block.strip().splitlines() for block in listing("packages_per_change").split("\n\n")]
    log = logged((message, [file.strip() for file in files]) for message, *files in changes)
    touched = [{file.partition("/")[0] for file in files} for files in log]
    return sum(map(len, touched)) / len(touched)


@proof("subprocess", needs="git")
def pairs_of_a_big_commit() -> Any:
    """Commit 40 files at once; count the pairs of files that the log gives."""
    [files] = logged([("Run the formatter", [f"shop/module_{n}.py" for n in range(40)])])
    return len(set(itertools.combinations(sorted(files), 2)))


# --- 4. circular imports --------------------------------------------------------------------------


@proof("importlib")
def which_error() -> Any:
    """Two modules take a name from each other, at their tops."""
    with importable("circle", listing("which_error")):
        try:
            importlib.import_module("members")
        except Exception as error:
            return type(error)


@proof("importlib")
def shapes_of_a_cycle() -> Any:
    """Write one cycle in four ways and start it; say how it ends."""
    use = "\n\ndef owner(): return members.Member\n\nclass Loan: ...\n"
    shapes = {
        "name": "from shed.members import Member\n\nclass Loan: ...\n",
        "module": "import shed.members as members" + use,
        "early": "import shed.members\nOWNER = shed.members.Member\n\nclass Loan: ...\n",
        "checking": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from shed.members import Member\n\nclass Loan: ...\n",
    }
    seen = {}
    for name, loans in shapes.items():
        members = "from shed.loans import Loan\n\nclass Member: ...\n"
        files = {"shed/__init__.py": "", "shed/members.py": members, "shed/loans.py": loans}
        with importable("shapes", files):
            seen[name] = outcome("shed.members")
    return seen


@proof("importlib")
def the_other_door() -> Any:
    """Import the two modules of one cycle first, one after the other, each in a fresh process."""
    with importable("doors", listing("the_other_door")):
        seen = []
        for door in ("limits", "desk"):
            for name in ("limits", "desk"):
                sys.modules.pop(name, None)
            seen.append(outcome(door))
    return tuple(seen)


@proof("grimp")
def function_level_import() -> Any:
    """Move one import of a cycle into a function; start it, and look for the cycle in the graph."""
    files = {
        "shed/__init__.py": "",
        "shed/members.py": "from shed.loans import Loan\n\nclass Member: ...\n",
        "shed/loans.py": "class Loan:\n    def owner(self):\n"
        "        from shed.members import Member\n        return Member\n",
    }
    with importable("hidden", files) as project:
        starts = outcome("shed.members") == "works"
    found = edges(project, "shed")
    ways = {("shed.members", "shed.loans"), ("shed.loans", "shed.members")}
    return {"starts": starts, "cycle in the graph": ways <= found}


@proof("importlib")
def type_checking_faults() -> Any:
    """Run each statement of the listing that uses the guarded name by itself; note what raises."""
    lines = listing("type_checking_faults").splitlines()
    head = "\n".join(lines[:6])
    blocks = {7: (8, ""), 10: (11, ""), 13: (14, ""), 16: (17, "is_gold(1)")}
    wrong = []
    files = {"shed/__init__.py": "", "shed/members.py": "class Member: ...\n"}
    for start, (end, call) in blocks.items():
        body = "\n".join(lines[start - 1 : end])
        with importable("checking", {**files, "shed/loans.py": f"{head}\n{body}\n{call}\n"}):
            if outcome("shed.loans") == "NameError":
                named = [n for n in range(start, end + 1) if "Member" in lines[n - 1]]
                wrong += named
    return wrong


# --- 5. __init__ ----------------------------------------------------------------------------------


@proof("importlib")
def leaf_import_loads() -> Any:
    """Import the leaf of the question's package; count the modules of the package in memory."""
    with importable("leaf", listing("leaf_import_loads")):
        importlib.import_module("shop.orders.names")
        return sum(name.partition(".")[0] == "shop" for name in sys.modules)


@proof("importlib")
def own_front_door() -> Any:
    """A module imports from its own package, whose __init__ has its lines in either order."""
    first, second = "from .service import register", "from .models import Member"
    seen = []
    for two in ((first, second), (second, first)):
        files = {
            "shop/__init__.py": "\n".join(two) + "\n",
            "shop/models.py": "class Member: ...\n",
            "shop/service.py": "from shop import Member\n\ndef register(): return Member()\n",
        }
        with importable("door", files):
            seen.append(outcome("shop"))
    return {"as written": seen[0], "swapped": seen[1]}


@proof("grimp")
def folder_without_init() -> Any:
    """Leave out the __init__ of a folder; start the program, look for the folder in the graph."""
    files = {
        "shed/__init__.py": "",
        "shed/main.py": "from shed.routes import loans, members\n",
        "shed/routes/loans.py": "",
        "shed/routes/members.py": "",
    }
    with importable("namespace", files) as project:
        starts = outcome("shed.main") == "works"
    found = edges(project, "shed")
    return {
        "starts": starts,
        "in the graph": any("routes" in name for pair in found for name in pair),
    }


@proof("importlib")
def what_all_does() -> Any:
    """Try what __all__ is said to do; return what came true."""
    init = "__all__ = ['buy', 'stock']\n\ndef buy(): ...\n\ndef refund(): ...\n"
    true = []
    with importable("public", {"shop/__init__.py": init, "shop/stock.py": ""}):
        scope: dict[str, Any] = {}
        exec("from shop import *", scope)
        names = {name for name in scope if not name.startswith("__")}
        true += ["star binds the listed names alone"] * (names == {"buy", "stock"})
        true += ["star imports a listed submodule"] * ("shop.stock" in sys.modules)
        try:
            exec("from shop import refund", scope)
        except ImportError:
            true.append("other names cannot be imported")
        listed = {name for name in dir(sys.modules["shop"]) if not name.startswith("__")}
        true += ["dir shows the listed names alone"] * (listed == {"buy", "stock"})
    return true


@proof("importlib")
def lazy_front() -> Any:
    """Run the question's package and program."""
    with importable("lazy", listing("lazy_front").partition("# the program\n")[0]):
        scope: dict[str, Any] = {}
        program = listing("lazy_front").partition("# the program\n")[2]
        *statements, last = program.strip().splitlines()
        exec("\n".join(statements), scope)
        return eval(last, scope)


# --- 6. names -------------------------------------------------------------------------------------


@proof("subprocess")
def run_as() -> Any:
    """Start one file by its path and by its name, with an absolute and with a relative import."""
    project = Project("start", {"shed/__init__.py": "", "shed/members.py": "class Member: ...\n"})
    seen = {}
    for style, line in (("absolute", "from shed.members"), ("relative", "from .members")):
        project.write({"shed/loans.py": f"{line} import Member\nprint('works')\n"})
        for way, words in (("path", ["shed/loans.py"]), ("name", ["-m", "shed.loans"])):
            told = python(project, *words)
            kinds = {"works": "works", "ImportError": "parent", "ModuleNotFoundError": "missing"}
            seen[f"{way}_{style}"] = kinds.get(told.partition(":")[0], told)
    return seen


@proof("subprocess")
def two_of_a_kind() -> Any:
    """Run the question's package with -m; a module of it imports the one that was started."""
    project = Project("twice", listing("two_of_a_kind"))
    return eval(python(project, "-m", "shed.jobs"), {})


@proof("importlib")
def rename_cost() -> Any:
    """Rename the slice; edit each line at which an import fails, until none does; count them."""
    with importable("renamed", listing("rename_cost")) as project:
        (project.path / "shed" / "loans").rename(project.path / "shed" / "lending")
        found = [file.relative_to(project.path) for file in project.path.rglob("*.py")]
        names = [".".join(file.with_suffix("").parts) for file in found]

        def faults() -> list[str]:
            told = [python(project, "-c", IMPORT, name) for name in names]
            return [line for line in told if line.startswith("line ")]

        edited = 0
        while told := faults():
            _, place, number = told[0].split()
            lines = project.read(place).splitlines()
            lines[int(number) - 1] = lines[int(number) - 1].replace("shed.loans", "shed.lending")
            project.write({place: "\n".join(lines) + "\n"})
            edited += 1
    return edited


#: Import the module that is named; print the line of the project at which it fails.
IMPORT = """
import importlib, os, sys, traceback
try:
    importlib.import_module(sys.argv[1])
except ImportError as error:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if os.sep + "shed" + os.sep in f.filename]
    print("line", os.path.relpath(ours[-1].filename), ours[-1].lineno)
"""


# --- 7. ports and adapters ------------------------------------------------------------------------


@proof("grimp")
def who_imports_the_port() -> Any:
    """Build the question's package, see that it works, and read its imports."""
    with importable("ports", listing("who_imports_the_port")) as project:
        assert outcome("shed.main") == "works"
        assert sys.modules["shed.main"].desk.lend(7)
    return sorted(f"{a} -> {b}".replace("shed.", "") for a, b in edges(project, "shed"))


@proof("typing")
def drifted_fake() -> Any:
    """Run the question's listing and give its last line."""
    *statements, last = listing("drifted_fake").strip().splitlines()
    scope: dict[str, Any] = {}
    exec("\n".join(statements), scope)
    return eval(last, scope)


@proof("importlinter")
def domain_contract() -> Any:
    """Lint the question's module with each import alone; note the lines that break the contract."""
    lines = listing("domain_contract").splitlines()
    files = {
        "shed/__init__.py": "",
        "shed/clock.py": "from datetime import date\n",
        "shed/database.py": "from sqlalchemy.orm import DeclarativeBase\n",
        "shed/loans/__init__.py": "",
        "shed/loans/rules.py": "from decimal import Decimal\n",
        "shed/loans/domain.py": "\n".join(lines) + "\n",
    }
    rule = contract(
        "forbidden", source_modules="shed.loans.domain", forbidden_modules="sqlalchemy,fastapi"
    )
    report = lint(Project("domain", files), rule)
    found = re.findall(r"shed\.loans\.domain -> \S+ \((.*)\)", report)
    return sorted(int(n) for lines in found for n in re.findall(r"l\.(\d+)", lines))


# --- 8. the modular monolith ----------------------------------------------------------------------


@proof("importlinter")
def independence_contract() -> Any:
    """One slice uses another; check the same code against two contracts."""
    rules = contract("independence", modules="shed.loans,shed.members")
    rules += contract("layers", layers="shed.loans,shed.members")
    return verdicts(lint(Project("slices", SLICES), rules))


@proof("importlinter")
def shared_table() -> Any:
    """Read another slice's table by SQL; lint, then let its owner rename a column."""
    query = '"SELECT name FROM members JOIN loans ON members.id = loans.member_id"'
    files = {**SLICES, "shed/loans/service.py": f"OVERDUE = {query}\n"}
    project = Project("slices", files)
    rules = contract("independence", modules="shed.loans,shed.members")
    said = verdicts(lint(project, rules))["independence"]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE members (id, name)")
    database.execute("CREATE TABLE loans (member_id)")
    database.execute("ALTER TABLE members RENAME COLUMN name TO full_name")
    try:
        database.execute(query.strip('"'))
    except sqlite3.OperationalError as error:
        return [said, type(error).__name__]
    finally:
        database.close()
    return [said, "works"]


# --- 9. splitting ---------------------------------------------------------------------------------

TOOLS = """
import sqlite3, time
from urllib.parse import parse_qs

database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("CREATE TABLE reserved (tool)")

def app(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        with database:
            database.execute("INSERT INTO reserved VALUES ('drill')")
        time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    [(count,)] = database.execute("SELECT count(*) FROM reserved")
    return [str(count).encode()]
"""


@proof("httpx")
def lost_transaction() -> Any:
    """Reserve over HTTP in a local transaction, which then fails; count the rows of both sides."""
    import httpx

    from workbook import systems

    systems.module("tools_service", TOOLS)
    loans = sqlite3.connect(":memory:")
    loans.execute("CREATE TABLE loans (tool, member_id NOT NULL)")
    with systems.serve("tools_service:app", "waitress") as site:
        try:
            with loans:
                loans.execute("INSERT INTO loans VALUES ('drill', 1)")
                httpx.post(site.url).raise_for_status()
                loans.execute("INSERT INTO loans VALUES ('drill', NULL)")
        except sqlite3.IntegrityError:
            pass
        [(kept,)] = loans.execute("SELECT count(*) FROM loans")
        return {"loans": kept, "reserved": int(httpx.get(site.url).text)}


@proof("httpx")
def timeout_means() -> Any:
    """Time out on a service that is slow to answer; then ask what it has done."""
    import httpx

    from workbook import systems

    systems.module("tools_service", TOOLS)
    with systems.serve("tools_service:app", "waitress") as site:
        try:
            httpx.post(f"{site.url}?1.0", timeout=httpx.Timeout(10, read=0.3))
            got = "answer"
        except httpx.TimeoutException:
            got = "timeout"
        time.sleep(1.2)  # until the service has come to its end as well
        return [got, int(httpx.get(site.url, timeout=10).text)]
