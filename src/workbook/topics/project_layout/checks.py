"""The checks of chapter 02's exercises: pytest functions that the sandbox runs on a learner's cell.

Some build and install what the learner wrote, with uv and with the back-ends of this environment;
what was built is kept for the checks that follow. Nothing needs the network.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from configparser import ConfigParser
from copy import deepcopy
from email.parser import Parser
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from workbook import scratch

NO_CACHE = {"UV_NO_CACHE": "1"}


def put(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return root


def zipped(path: Path, files: dict[str, str]) -> Path:
    """Write a zip archive, such as a wheel is."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def listed(call, outcome, told, how=""):
    """Take the list that a call gave; say what was raised in its place."""
    came = f"{type(outcome.error).__name__}: {outcome.error}"
    assert not outcome.error, f"{told}{how}: expected a list, got {came}"
    return call.observed(told, outcome.value)


# --- what a wheel lacks ---------------------------------------------------------------------------


def compare(call, source, packed, empty=(), as_text=False, parent="src", end=""):
    """Call the learner's function on a folder and a wheel made of these files."""
    root = put(Path(tempfile.mkdtemp(dir=Path.cwd())), {f"{parent}/{name}": "" for name in source})
    for name in empty:
        (root / parent / name).mkdir(parents=True)
    wheel = zipped(root / "shop-1.0-py3-none-any.whl", dict.fromkeys(packed, ""))
    package = root / parent / source[0].partition("/")[0]
    given: list[Path | str] = [package, wheel]
    if as_text:
        given = [str(path.relative_to(Path.cwd())) for path in (package, wheel)]
        given[0] = f"{given[0]}{end}"
    told = f"{parent} has {', '.join(sorted(source))}; the wheel has {', '.join(packed)}"
    told += f"; the folder is given as '.../{package.name}{end}'" if end else ""
    outcome = call("missing_from_wheel", *given)
    kind = "text, from the current folder on" if as_text else "Path"
    return listed(call, outcome, told, f" (both given as {kind})")


INFO = ["shop-1.0.dist-info/METADATA", "shop-1.0.dist-info/RECORD"]


def finds_nothing_in_a_complete_wheel(call):
    """A wheel that has every file, and more, lacks nothing."""
    both = ["shop/__init__.py", "shop/mail/hello.txt"]
    compare(call, both, [*both, *INFO]).gives([])
    compare(call, both, [*both, *INFO, "shop/_version.py", "shop.libs/x.so"]).gives([])


def names_what_is_missing(call):
    """Modules and data at any depth, hidden ones too, in sorted order."""
    source = ["shop/__init__.py", "shop/tax/rates.py", "shop/mail/hello.txt", "shop/.schema"]
    source += ["shop/a/b/c/deep.sql", "shop/.well-known/key", "shop/codes.pyc"]
    source += ["shop/tax.py", "shop/README", "shop/tests/test_tax.py"]
    compare(call, source, ["shop/__init__.py", *INFO]).gives(sorted(source[1:]))
    compare(call, source, INFO).gives(sorted(source))


def compares_whole_paths(call):
    """A file of the same name elsewhere in the wheel is another file."""
    source = ["shop/__init__.py", "shop/tax/__init__.py"]
    compare(call, source, ["shop/__init__.py", *INFO]).gives(["shop/tax/__init__.py"])
    packed = ["src/shop/__init__.py", "other/shop/tax/__init__.py"]
    packed += ["shop/__init__.pyi", "shop/tax/__INIT__.py", *INFO]
    compare(call, source, packed).gives(source)
    source = ["orders/__init__.py", "orders/src/shop/tax.py"]
    compare(call, source, ["orders/__init__.py", *INFO], parent="lib").gives(source[1:])
    source = ["shop/__init__.py", "shop/tax/shop/rates.py"]
    compare(call, source, ["shop/rates.py", *INFO], parent="shop/src").gives(source)


def leaves_caches_and_folders_out(call):
    """Caches are no part of a package, and an empty folder is no file."""
    source = ["shop/__init__.py", "shop/__pycache__/a.pyc", "shop/tax/__pycache__/b.pyc"]
    compare(call, source, ["shop/__init__.py", *INFO], empty=["shop/empty"]).gives([])
    wanted = ["shop/__init__.py", "shop/cache.py", "shop/not__pycache__/c.md"]
    compare(call, [*source, *wanted[1:]], INFO, empty=["shop/mail.txt"]).gives(wanted)


def takes_text_and_paths(call):
    """Paths may be given as text, and begin in the current folder."""
    source = ["shop/__init__.py", "shop/hello.txt"]
    compare(call, source, INFO, as_text=True).gives(source)
    compare(call, source, INFO, as_text=True, end="/").gives(source)


# --- templates ------------------------------------------------------------------------------------


def importable(name: str, files: dict[str, str], in_zip: bool) -> str:
    """Make a package of these files importable, from a folder or a zip archive; return its name."""
    inside = {f"{name}/{path}": text for path, text in {"__init__.py": "", **files}.items()}
    site = Path.cwd().parent / "site"  # beside the folder in which the check runs
    site.mkdir(exist_ok=True)
    place = zipped(site / f"{name}.zip", inside) if in_zip else put(site / name, inside)
    sys.path.insert(0, str(place))
    return name


MAILS = {"templates/welcome.txt": "Welcome, Zo\u00eb!\n", "templates/bye.txt": "Bye.\n"}


INNER = {"mail/__init__.py": "", "mail/templates/inner.txt": "Inner.\n"}


def reads_mails(call, name):
    """Read the templates of a package, and of a package within it."""
    call("template", name, "welcome").gives("Welcome, Zo\u00eb!\n")
    call("template", name, "bye").gives("Bye.\n")
    call("templates", name).gives(["bye", "welcome"])
    call("templates", f"{name}.mail").gives(["inner"])
    call("template", f"{name}.mail", "inner").gives("Inner.\n")


def reads_from_a_folder(call):
    """A package in a folder, seen from another folder."""
    reads_mails(call, importable("folder_shop", {**MAILS, **INNER}, in_zip=False))


def reads_from_a_zip(call):
    """A package in a zip archive."""
    reads_mails(call, importable("zipped_shop", {**MAILS, **INNER}, in_zip=True))


TELL = """
import sys
sys.path[:0] = sys.argv[2:]
import submission
try:
    print(ascii(submission.template(sys.argv[1], "welcome")))
except Exception as error:
    print(ascii(f"{type(error).__name__}: {error}"))
"""


def reads_utf_8_in_any_locale(submission, call):
    """A server whose locale is C has another encoding by default."""
    name = importable("locale_shop", MAILS, in_zip=False)
    away = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", TELL, name, str(Path(submission.__file__).parent), sys.path[0]],
        env={**os.environ, **away},
        capture_output=True,
        text=True,
        check=False,
    )
    label = f"template({name!r}, 'welcome') in the locale C"
    last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
    assert done.returncode == 0, f"{label}: expected a text, got {last}"
    got = ast.literal_eval(done.stdout.splitlines()[-1])
    call.observed(label, got).gives("Welcome, Zo\u00eb!\n")


def lists_templates_alone(call):
    """Neither a folder nor a file without .txt is a template; a name may have dots in it."""
    more = {"templates/logo.png": "", "templates/v1.2.txt": "old", "templates/txt": ""}
    more |= {"templates/old.txt/readme.md": "", "templates/NOTES.TXT": "", "templates/next.txt": ""}
    more |= {"templates/bye-bye.txt": "", "templates/drafts/new.txt": ""}
    for in_zip in (False, True):
        name = importable(f"mixed_{'zip' if in_zip else 'folder'}", {**MAILS, **more}, in_zip)
        call("templates", name).gives(["bye", "bye-bye", "next", "v1.2", "welcome"])
        call("template", name, "v1.2").gives("old")
        call("template", name, "old").raises(LookupError)


def lists_nothing_without_the_folder(call):
    """A package without templates has none."""
    for in_zip in (False, True):
        name = importable(f"bare_{'zip' if in_zip else 'folder'}", {"a.txt": ""}, in_zip)
        call("templates", name).gives([])
        call("template", name, "welcome").raises(LookupError)


def refuses_what_is_no_template(call):
    """Names that are not listed raise LookupError, whatever they would lead to."""
    files = {**MAILS, "secret.txt": "s3cret", "templates/drafts/new.txt": "", "templates/b.md": ""}
    for in_zip in (False, True):
        name = importable(f"strict_{'zip' if in_zip else 'folder'}", files, in_zip)
        names = ["goodbye", "../secret", "drafts/new", "../welcome", "b", "welcome.txt", ""]
        for wanted in names:
            call("template", name, wanted).raises(LookupError)


# --- a pyproject.toml -----------------------------------------------------------------------------

TREE = {
    "README.md": "# Shop\n",
    "deploy/k8s.yml": "a: 1\n",
    "migrations_old/0000.py": "",
    "src/shop/__init__.py": '"""A shop."""\n\n\ndef main():\n    print("REACHED")\n',
    "src/shop/mail/hello.txt": "Hello\n",
    "src/shop/migrations/versions/0001_orders.py": "",
    "tests/test_shop.py": "",
}


@cache
def built(project: str, files: tuple[tuple[str, str], ...]) -> Path:
    """Build a project, and return its wheel."""
    made = scratch.Project(project, dict(files))
    how = "uv build --wheel --no-build-isolation -o dist"
    outcome = made.run(how, env=NO_CACHE)
    wheels = list((made.path / "dist").glob("*.whl"))
    # Without the back-end's own frames, but for the error that they end with, and uv's hint.
    said = re.sub(r"(?ms)^Traceback .*^    .*?\n(?=\S)", "", outcome.output).splitlines()
    told = "\n".join([line for line in said if line.strip() and line[:5] != "hint:"][-6:])
    assert wheels, f"uv build --wheel: expected a wheel, got exit code {outcome.code}:\n{told}"
    return wheels[0]


def wheel_of(text: str) -> zipfile.ZipFile:
    """Build the tree with the learner's pyproject.toml."""
    assert isinstance(text, str), f"PYPROJECT: expected a text, got {type(text).__name__}"
    return zipfile.ZipFile(built("shop_tree", (*TREE.items(), ("pyproject.toml", text))))


def told_by(wheel: zipfile.ZipFile, name: str) -> str:
    """Return the text of a file in the wheel's dist-info, or an empty text."""
    found = [each for each in wheel.namelist() if each.endswith(f".dist-info/{name}")]
    return wheel.read(found[0]).decode() if found else ""


def requirements(wheel: zipfile.ZipFile) -> list[Requirement]:
    lines = Parser().parsestr(told_by(wheel, "METADATA")).get_all("Requires-Dist") or []
    return [Requirement(line) for line in lines]


def holds_the_package_and_nothing_else(submission, call):
    """Every file below src/shop is in the wheel, and no other file of the tree."""
    names = [
        name
        for name in wheel_of(submission.PYPROJECT).namelist()
        if ".dist-info/" not in name and not name.endswith("/")
    ]
    wanted = sorted(name.removeprefix("src/") for name in TREE if name.startswith("src/"))
    call.observed("files in the wheel, without dist-info", sorted(names)).gives(wanted)


def states_name_version_and_python(submission, call):
    """Name, version, and the Pythons that it is for."""
    told = Parser().parsestr(told_by(wheel_of(submission.PYPROJECT), "METADATA"))
    call.observed("Name in METADATA", told["Name"]).gives("shop")
    call.observed("Version in METADATA", told["Version"]).gives("2026.1")
    allowed = SpecifierSet(told["Requires-Python"] or "")
    later = [(python, True) for python in ("3.11.0", "3.12.1", "3.13.5", "3.14.2", "4.0.0")]
    for python, wanted in [("3.10.14", False), *later]:
        label = f"Requires-Python {told['Requires-Python']} allows Python {python}"
        call.observed(label, allowed.contains(python)).gives(wanted)


def requires_httpx_and_offers_pg(submission, call):
    """What a user gets without an extra, and with it."""
    found = requirements(wheel_of(submission.PYPROJECT))
    for extra, wanted in ("", ["httpx"]), ("pg", ["httpx", "psycopg"]):
        for python in "3.11", "3.14":
            here = {"extra": extra, "python_version": python, "python_full_version": f"{python}.0"}
            names = {
                each.name for each in found if not each.marker or each.marker.evaluate(here)
            } - {"pytest"}
            label = f"requirements of shop{f'[{extra}]' if extra else ''} on Python {python}"
            call.observed(label, sorted(names)).gives(wanted)
    specifier = next(each.specifier for each in found if each.name == "httpx")
    later = [(version, True) for version in ("0.27.0", "0.28.0", "0.28.1", "1.0.0")]
    for version, fits in [("0.26.0", False), ("0.26.9", False), *later]:
        label = f"`httpx{specifier}` allows httpx {version}"
        call.observed(label, specifier.contains(version)).gives(fits)


def members(groups: dict[str, list[object]], name: str) -> list[str]:
    """Return the names of the distributions in a dependency group."""
    found = []
    for each in groups.get(name, []):
        if isinstance(each, str):
            found.append(Requirement(each).name)
        elif isinstance(each, dict) and isinstance(included := each.get("include-group"), str):
            found += members(groups, included)
    return found


def keeps_pytest_to_developers(submission, call):
    """pytest is in the group dev, and nowhere in the wheel's metadata."""
    found = [each.name for each in requirements(wheel_of(submission.PYPROJECT))]
    call.observed("pytest in METADATA", "pytest" in found).gives(False)
    groups = tomllib.loads(submission.PYPROJECT).get("dependency-groups", {})
    call.observed("pytest in the dependency group dev", "pytest" in members(groups, "dev")).gives(
        True
    )


def installs_the_command(submission, call):
    """The entry point that an installer makes a command of."""
    scripts = ConfigParser(delimiters=("=",))
    scripts.read_string(told_by(wheel_of(submission.PYPROJECT), "entry_points.txt"))
    named = scripts["console_scripts"] if scripts.has_section("console_scripts") else {}
    found = {name: "".join(value.split()) for name, value in named.items()}
    call.observed("console scripts", found).gives({"shop": "shop:main"})


# --- modules that hide others ---------------------------------------------------------------------


def shadows(call, files, folder, as_text=False):
    """Call the learner's function on a folder of these files."""
    Path(folder).mkdir()
    diary = str(Path("diary").resolve())
    root = put(Path(folder), dict.fromkeys(files, f"open({diary!r}, 'a').close()\n")).resolve()
    outcome = call("shadowing", str(root) if as_text else root)
    told = f"a folder with {', '.join(files) or 'nothing in it'}"
    return listed(call, outcome, told)


def finds_files_and_packages(call):
    """A module and a package of a name of the standard library, in sorted order."""
    files = ["tokenize.py", "random.py", "email/__init__.py", "logging/__init__.py", "calendar.py"]
    shadows(call, files, "both").gives(["calendar", "email", "logging", "random", "tokenize"])
    shadows(call, ["_strptime.py", "__future__.py"], "private").gives(["__future__", "_strptime"])
    shadows(call, ["string.py", "string/__init__.py"], "twice").gives(["string"])


def leaves_other_names_alone(call):
    """Names that the standard library does not have, and files that are no modules."""
    shadows(call, ["shop.py", "models.py", "orders/__init__.py"], "own").gives([])
    shadows(call, ["pytest.py", "packaging/__init__.py"], "installed").gives([])
    others = ["random.txt", "email.py.bak", "json.yml", "Random_py", "csv.test.py"]
    shadows(call, others, "others").gives([])
    shadows(call, ["shop/random.py", "shop/__init__.py"], "deeper").gives([])
    shadows(call, [], "nothing").gives([])


def knows_that_a_bare_folder_hides_nothing(call):
    """A folder without __init__.py loses against the standard library."""
    files = ["email/message.py", "json/readme.md", "html/index.html", "queue.py"]
    shadows(call, files, "bare").gives(["queue"])
    odd = ["types.py/readme.md", "csv/sub/__init__.py", "html/__init__.txt"]
    shadows(call, odd, "odd").gives([])


def knows_what_cannot_be_hidden(call):
    """Built-in and frozen modules are found before any folder."""
    built_in = ["sys.py", "builtins.py", "time.py", "_thread/__init__.py"]
    shadows(call, [*built_in, "secrets.py"], "built_in").gives(["secrets"])
    frozen = ["os.py", "abc/__init__.py", "io.py", "codecs.py", "posixpath.py", "zipimport.py"]
    shadows(call, [*frozen, "shelve.py"], "frozen").gives(["shelve"])


def runs_nothing(call):
    """Looking is not importing."""
    Path("diary").unlink(missing_ok=True)
    names = ["antigravity", "turtledemo", "wave"]
    shadows(call, [f"{name}.py" for name in names], "run").gives(names)
    call.observed("a file of the folder was run", Path("diary").exists()).gives(False)


def takes_a_text_or_a_path(call):
    """The folder may be given as text, and its path may begin in the current folder."""
    shadows(call, ["random.py", "shop.py"], "as_text", as_text=True).gives(["random"])
    call("shadowing", "as_text").gives(["random"])


# --- a command ------------------------------------------------------------------------------------


@cache
def installed(files: tuple[tuple[str, str], ...]) -> tuple[scratch.Project, str]:
    """Build and install the learner's project; return a folder elsewhere, and the programs'."""
    import venv

    wheel = built("shop_command", files)
    away = scratch.Project("away")
    windows = os.name == "nt"
    venv.create(away.path / ".env", symlinks=not windows)
    how = f"uv pip install -q --no-deps --python .env {wheel}"
    outcome = away.run(how, env=NO_CACHE)
    told = " ".join(outcome.output.split())[-300:]
    assert outcome.code == 0, f"uv pip install {wheel.name}: expected success, got {told}"
    return away, str(away.path / ".env" / ("Scripts" if windows else "bin"))


def programs(submission) -> tuple[scratch.Project, str]:
    files = submission.FILES
    texts = isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
    assert texts, f"FILES: expected a dictionary of texts, got {type(files).__name__}"
    return installed(tuple(files.items()))


SPLIT = """
import ast, subprocess, sys
for words in ast.literal_eval(sys.argv[1]):
    done = subprocess.run(words, capture_output=True, text=True)
    print(repr((done.returncode, done.stdout, bool(done.stderr))))
"""
RIGHT = {"100": "125.00\n", "0": "0.00\n", "9.99": "12.49\n", "-4": "-5.00\n"}
WRONG: list[list[str]] = [["ten"], [], ["1", "2"], [""], ["1.2.3"], ["--5"]]


def answers(call, project, program, name, cases):
    """Run a program with the arguments of each case; compare exit code, stdout, stderr."""
    found = shutil.which(program[0])
    assert found, f"{name}: expected a program of this name, got none"
    runs = [[found, *program[1:], *arguments] for arguments, _ in cases]
    told = project.run(["python", "-c", SPLIT, repr(runs)]).output
    for (arguments, wanted), line in zip(cases, told.splitlines(), strict=True):
        code, out, err = ast.literal_eval(line)
        seen = {"exit code": code, "stdout": out, "a message on stderr": err}
        for what, value in wanted.items():
            label = " ".join([name, *map(repr, arguments)])
            call.observed(f"{label}, {what}", seen[what]).gives(value)


def right():
    return [([text], {"stdout": out, "exit code": 0}) for text, out in RIGHT.items()]


def refused():
    told = {"exit code": 2, "stdout": "", "a message on stderr": True}
    return [(arguments, told) for arguments in WRONG]


def installs_a_command(submission, call):
    """The wheel can be installed, and brings the command."""
    _, folder = programs(submission)
    there = shutil.which("shop-total", path=folder) is not None
    call.observed("the program shop-total is there after the install", there).gives(True)


def prints_the_total(submission, call):
    """The command prints the total and ends with 0."""
    away, folder = programs(submission)
    answers(call, away, [f"{folder}/shop-total"], "shop-total", right())


def refuses_what_is_no_number(submission, call):
    """Other arguments end with 2, and say why on stderr."""
    away, folder = programs(submission)
    answers(call, away, [f"{folder}/shop-total"], "shop-total", refused())


def does_the_same_as_a_module(submission, call):
    """python -m shop is the same program."""
    away, folder = programs(submission)
    program = [f"{folder}/python", "-m", "shop"]
    answers(call, away, program, "python -m shop", right() + refused())


def is_silent_when_imported(submission, call):
    """Importing shop.cli does nothing that can be seen."""
    away, folder = programs(submission)
    program = [f"{folder}/python", "-c", "import shop.cli"]
    silent = {"stdout": "", "exit code": 0, "a message on stderr": False}
    cases = [(["100"], silent), ([], silent)]
    answers(call, away, program, "python -c 'import shop.cli'", cases)


# --- versions -------------------------------------------------------------------------------------


def offered(*versions):
    """Candidates of these versions, without anything special."""
    return [{"version": version} for version in versions]


def picks(call, requirement, candidates, python):
    """Call `pick` with a copy of the candidates."""
    return call("pick", requirement, deepcopy(candidates), python)


def compares_versions_as_versions(call):
    """1.10 is more than 1.9, in whatever order they come."""
    picks(call, "money", offered("1.9", "1.10", "1.2"), "3.11.9").gives("1.10")
    picks(call, "money", offered("9.0", "10.0", "2.0"), "3.11.9").gives("10.0")
    picks(call, "money>=1.2", offered("1.10", "1.9.post1", "1.9"), "3.11.9").gives("1.10")
    picks(call, "money==1.2", offered("1.2.0", "1.10"), "3.11.9").gives("1.2.0")


def keeps_to_the_bounds(call):
    """Every kind of bound."""
    four = offered("1.0", "1.2", "1.10", "2.0")
    picks(call, "money>=1.2,<2", four, "3.11.9").gives("1.10")
    picks(call, "money~=1.0", four, "3.11.9").gives("1.10")
    picks(call, "money==1.2", four, "3.11.9").gives("1.2")
    picks(call, "money!=2.0", four, "3.11.9").gives("1.10")
    picks(call, "money[pg] >=1.0, <1.10", four, "3.11.9").gives("1.2")


def passes_over_other_pythons(call):
    """A release for another Python does not fit."""
    candidates = [
        {"version": "1.0", "requires_python": None},
        {"version": "1.1", "requires_python": ">=3.9"},
        {"version": "2.0", "requires_python": ">=3.12"},
    ]
    picks(call, "money", candidates, "3.11.9").gives("1.1")
    picks(call, "money", candidates, "3.12.0").gives("2.0")
    picks(call, "money", candidates, "3.8.18").gives("1.0")
    candidates = [{"version": "1.0"}, {"version": "1.1", "requires_python": ">=3.11.4"}]
    candidates += [{"version": "1.2", "requires_python": ">=3.9,<3.11"}]
    picks(call, "money", candidates, "3.11.9").gives("1.1")
    picks(call, "money", candidates, "3.11.2").gives("1.0")


def passes_over_the_yanked(call):
    """A yanked release is for those who have pinned it."""
    candidates = [
        {"version": "1.0", "yanked": False},
        {"version": "1.1"},
        {"version": "2.0", "yanked": True},
    ]
    picks(call, "money", candidates, "3.11.9").gives("1.1")
    picks(call, "money>=1", candidates, "3.11.9").gives("1.1")
    picks(call, "money==2.0", candidates, "3.11.9").gives("2.0")
    picks(call, "money>=1,==2.0", candidates, "3.11.9").gives("2.0")
    picks(call, "money==2.*", candidates, "3.11.9").raises(LookupError)
    picks(call, "money>=2", candidates, "3.11.9").raises(LookupError)
    picks(call, "money==2.0,!=1.*", candidates, "3.11.9").gives("2.0")
    picks(call, "money==2.*,<3", candidates, "3.11.9").raises(LookupError)
    newer = [{"version": "2.0", "yanked": True, "requires_python": ">=3.12"}]
    picks(call, "money==2.0", newer, "3.11.9").raises(LookupError)
    picks(call, "money==2.0", newer, "3.12.0").gives("2.0")


def prefers_final_releases(call):
    """Pre-releases are for those who ask, or where there is nothing else that can be installed."""
    picks(call, "money", offered("1.0", "2.0b1"), "3.11.9").gives("1.0")
    picks(call, "money>=2.0b1", offered("1.0", "2.0b1", "2.0b2"), "3.11.9").gives("2.0b2")
    picks(call, "money>=2.0b1", offered("2.0", "2.1b1"), "3.11.9").gives("2.1b1")
    picks(call, "money>=2.0b1", offered("2.0b1", "2.0"), "3.11.9").gives("2.0")
    picks(call, "barcode>=1.0", offered("1.0", "2.0b1"), "3.11.9").gives("1.0")
    picks(call, "money", offered("1.0", "2.0.dev1"), "3.11.9").gives("1.0")
    picks(call, "money", offered("1.0", "1.0.post1"), "3.11.9").gives("1.0.post1")
    picks(call, "money", offered("0.9a1", "1.0rc1"), "3.11.9").gives("1.0rc1")
    picks(call, "money>=1.5", offered("1.0", "2.0b1"), "3.11.9").gives("2.0b1")
    other = [{"version": "1.0", "requires_python": ">=3.12"}, {"version": "1.1b1"}]
    picks(call, "money", other, "3.11.9").gives("1.1b1")
    gone = [{"version": "1.0", "yanked": True}, {"version": "1.1b1"}]
    picks(call, "money", gone, "3.11.9").gives("1.1b1")


def says_when_nothing_fits(call):
    """LookupError, whatever the reason; and the candidates are there for the next question."""
    candidates = offered("1.0", "3.0", "2.0")
    call("pick", "money", candidates, "3.11.9").gives("3.0")
    call.observed("the candidates after that", candidates).gives(offered("1.0", "3.0", "2.0"))
    picks(call, "money>=3", offered("1.0", "2.0"), "3.11.9").raises(LookupError)
    picks(call, "money", [], "3.11.9").raises(LookupError)
    newer = [{"version": "1.0", "requires_python": ">=3.12"}]
    picks(call, "money", newer, "3.11.9").raises(LookupError)
