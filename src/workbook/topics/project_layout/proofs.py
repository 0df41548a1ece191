"""The proofs of chapter 02: each makes a small project, builds, installs or tests it, and looks.

A proof is shown to learners by *Show me*, so each can be read alone, but for the helpers that come
first. The tools are the real ones, uv, pip, build, pytest and four back-ends. Nothing needs the
network: back-ends are those of this environment, and what is installed was built here.
"""

import hashlib
import os
import shutil
import sys
import sysconfig
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from workbook import scratch
from workbook.sandbox import proof

# --- what several proofs need ---------------------------------------------------------------------

#: uv and pip keep no cache, and pip reads no configuration of this machine.
TOOLS = {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.devnull}
#: For a proof of what Python itself does: its child reads the same PYTHONPATH.
SAME_PATH = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
BACKENDS = {
    "setuptools": "setuptools.build_meta",
    "hatchling": "hatchling.build",
    "flit_core": "flit_core.buildapi",
    "uv_build": "uv_build",
}


def pyproject(backend: str, more: str = "", version: str = "1.0", name: str = "shop") -> str:
    """Return a complete pyproject.toml for a back-end, which has to be installed."""
    hook = import_module(BACKENDS[backend]).__name__
    return (
        f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{hook}"\n\n[project]\n'
        f'name = "{name}"\nversion = "{version}"\ndescription = "A shop"\n'
        f'requires-python = ">=3.11"\n{more}'
    )


def build(project: scratch.Project, options: str = "--wheel", out: str = "dist") -> Path:
    """Build with uv, and with the back-ends that are installed here; return the wheel's path."""
    project.run(f"uv build -q --no-build-isolation {options} -o {out}", env=TOOLS)
    return next((project.path / out).glob("*.whl"), project.path / out / "no-wheel.whl")


def packed(wheel: Path) -> list[str]:
    """Return the files of a wheel without its metadata, or nothing where there is no wheel."""
    names = zipfile.ZipFile(wheel).namelist() if wheel.exists() else []
    return sorted(name for name in names if ".dist-info/" not in name and name[-1] != "/")


def environment(project: scratch.Project, name: str, install: str = "") -> str:
    """Make a virtual environment that sees the tools of this one; return its programs' folder."""
    import venv

    venv.create(project.path / name, symlinks=True)
    site = next((project.path / name).glob("lib/python*/site-packages"))
    (site / "tools.pth").write_text(sysconfig.get_path("purelib"))
    programs = project.path / name / "bin"
    script = f"#!{programs}/python\nimport pytest\nraise SystemExit(pytest.console_main())\n"
    (programs / "pytest").write_text(script)
    (programs / "pytest").chmod(0o755)
    if install:
        add(project, name, install)
    return str(programs)


def add(project: scratch.Project, name: str, install: str) -> None:
    """Install into an environment of the project; what it replaces is removed."""
    how = f"uv pip install -q --no-deps --no-build-isolation --python {name} {install}"
    project.run(how, env=TOOLS)


def listing(question: str) -> list[str]:
    """Return the lines of a question's listing, so that the proof runs what the learner reads."""
    import yaml

    entries = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    text: str = next(entry["listing"] for entry in entries if entry["id"] == question)
    return text.splitlines()


# --- warm-up --------------------------------------------------------------------------------------


@proof("pathlib")
def first_on_the_path() -> object:
    """Start a script in a folder, and say which folder is searched first."""
    show = "import sys, pathlib\nprint(pathlib.Path(sys.path[0]).name)\n"
    project = scratch.Project("project", {"tools/report.py": show})
    return project.run("python tools/report.py", env=SAME_PATH).output


@proof("ast")
def run_as_a_module() -> object:
    """What a module knows of itself when it is started with -m."""
    import ast

    prices = "answer = __name__, __spec__.parent\nprint(answer)\n"
    project = scratch.Project("project", {"shop/__init__.py": "", "shop/prices.py": prices})
    return ast.literal_eval(project.run("python -m shop.prices").output)


# --- 1. from a folder to a wheel ------------------------------------------------------------------


@proof("hatchling")
def files_of_a_wheel() -> object:
    """Build a wheel from a src layout and list it."""
    project = scratch.Project(
        "project",
        {
            "pyproject.toml": pyproject("hatchling", 'readme = "README.md"\n'),
            "README.md": "# Shop\n",
            "src/shop/__init__.py": "",
            "tests/test_shop.py": "",
        },
    )
    return zipfile.ZipFile(build(project)).namelist()


@proof("setuptools")
def what_runs_at_install() -> object:
    """Install a project as a wheel and as an sdist, and see whether its setup.py ran."""
    setup = "import os, pathlib, setuptools\n"
    setup += "pathlib.Path(os.environ['DIARY']).touch()\nsetuptools.setup()\n"
    project = scratch.Project(
        "project",
        {
            "pyproject.toml": pyproject("setuptools"),
            "setup.py": setup,
            "shop.py": "import os, pathlib\npathlib.Path(os.environ['DIARY']).touch()\n",
        },
    )
    diary = project.path / "diary"
    project.run("uv build -q --no-build-isolation", env={**TOOLS, "DIARY": str(diary)})
    ran = {}
    for kind, file in ("wheel", "shop-1.0-py3-none-any.whl"), ("sdist", "shop-1.0.tar.gz"):
        diary.unlink(missing_ok=True)
        how = f"uv pip install -q --no-deps --no-build-isolation --target {kind} dist/{file}"
        outcome = project.run(how, env={**TOOLS, "DIARY": str(diary)})
        assert outcome.code == 0, outcome
        ran[kind] = diary.exists()
    return ran


@proof("setuptools")
def no_build_system() -> object:
    """Build a project without a table [build-system], and ask the wheel who did it."""
    setuptools = import_module("setuptools")
    metadata = '[project]\nname = "shop"\nversion = "1.0"\n'
    project = scratch.Project("project", {"pyproject.toml": metadata, "shop.py": ""})
    wheel = build(project)
    if not wheel.exists():
        return "refused"
    told = zipfile.ZipFile(wheel).read("shop-1.0.dist-info/WHEEL").decode()
    name = told.split("Generator: ")[1].split()[0]
    return name if name == setuptools.__name__ else f"{name} and not setuptools"


@proof("packaging")
def wheels_for_cpython_313() -> object:
    """Which wheels' tags are among those of CPython 3.13 on Linux with glibc, x86-64?"""
    from packaging.tags import compatible_tags, cpython_tags
    from packaging.utils import parse_wheel_filename

    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(36, 4, -1)]
    platforms += ["manylinux2014_x86_64", "linux_x86_64"]
    known = {*cpython_tags((3, 13), platforms=platforms)}
    known |= {*compatible_tags((3, 13), "cp313", platforms)}
    offered = [
        "py3-none-any",
        "cp311-abi3-manylinux_2_17_x86_64",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp313-cp313t-manylinux_2_17_x86_64",
        "cp313-cp313-musllinux_1_2_x86_64",
    ]
    return [tag for tag in offered if parse_wheel_filename(f"shop-1.0-{tag}.whl")[3] & known]


@proof("packaging")
def wheels_to_build() -> object:
    """Count the fewest wheels with the stable ABI that cover four Pythons on three platforms."""
    from itertools import combinations

    from packaging.tags import cpython_tags
    from packaging.utils import parse_wheel_filename

    platforms = ["manylinux_2_28_x86_64", "macosx_11_0_arm64", "win_amd64"]
    pythons = [(3, 11), (3, 12), (3, 13), (3, 14)]
    machines = [set(cpython_tags(python, platforms=[p])) for python in pythons for p in platforms]
    wheels = [
        parse_wheel_filename(f"shop-1.0-cp3{minor}-abi3-{platform}.whl")[3]
        for _, minor in pythons
        for platform in platforms
    ]
    for count in range(1, len(wheels) + 1):
        for chosen in combinations(wheels, count):
            if all(any(tags & machine for tags in chosen) for machine in machines):
                return count
    return None


@proof("build")
def order_of_a_build() -> object:
    """Let `python -m build` call a back-end that keeps a diary of where it was called."""
    import build as frontend

    diary = "import os, pathlib, flit_core.buildapi as real\n"
    diary += "HOME = pathlib.Path(__file__).resolve().parents[1]\n"
    for hook in ("get_requires_for_build_sdist", "build_sdist", "build_wheel"):
        diary += f"def {hook}(*args, **kwargs):\n    print('HOOK {hook}', os.getcwd())\n"
        diary += f"    return real.{hook}(*args, **kwargs)\n"
    text = pyproject("flit_core").replace("flit_core.buildapi", "diary")
    text = text.replace("[project]", 'backend-path = ["tools"]\n[project]', 1)
    text += '[tool.flit.sdist]\ninclude = ["tools/diary.py"]\n'
    files = {"pyproject.toml": text, "tools/diary.py": diary, "shop.py": '"""A shop."""\n'}
    project = scratch.Project("project", files)
    assert frontend.__version__
    told = project.run("python -m build --no-isolation", env=TOOLS).output
    calls = [line.split()[1:] for line in told.splitlines() if line.startswith("HOOK ")]
    seen: list[str] = []
    for hook, folder in calls:
        if folder != project.path.name and "unpacked" not in seen:
            seen.append("unpacked")
        seen.append(hook)
    short = {
        "get_requires_for_build_sdist": "asked",
        "build_sdist": "sdist",
        "build_wheel": "wheel",
    }
    return [short.get(name, name) for name in seen]


# --- 2. four back-ends, one tree ------------------------------------------------------------------

TREE = {
    "src/shop/__init__.py": '"""A shop."""\n',
    "src/shop/tax/rates.py": "VAT = 0.25\n",
    "src/shop/mail/welcome.txt": "Welcome!\n",
    "src/shop/generated.py": "",
    "tests/test_shop.py": "",
    ".gitignore": "generated.py\n.env\n",
}


@proof("hatchling")
def what_each_leaves_out() -> object:
    """Build one tree with three back-ends; say what of the package each wheel lacks."""
    names = {
        frozenset(): "nothing",
        frozenset({"shop/mail/welcome.txt"}): "data",
        frozenset({"shop/generated.py"}): "ignored",
        frozenset({"shop/tax/rates.py"}): "subfolder",
    }
    everything = {name[4:] for name in TREE if name.startswith("src/")}
    found = {}
    for backend in ("setuptools", "hatchling", "uv_build"):
        project = scratch.Project(backend, {**TREE, "pyproject.toml": pyproject(backend)})
        found[backend] = names.get(frozenset(everything - {*packed(build(project))}), "other")
    return found


@proof("setuptools")
def flat_and_refused() -> object:
    """Build a flat layout with setuptools and no configuration; read which folders it names."""
    folders = ("shop", "tests", "migrations", "docs", "deploy", "scripts")
    files = {f"{folder}/a.py": "" for folder in folders}
    project = scratch.Project("project", {**files, "pyproject.toml": pyproject("setuptools")})
    how = "uv build --wheel --no-build-isolation"
    told = project.run(how, env=TOOLS).output.split("flat-layout: [")[1].split("]")[0]
    return [folder for folder in folders[1:] if f"'{folder}'" in told]


@proof("setuptools")
def lines_that_omit() -> object:
    """Repair all but one of the lines of a discovery table; is the subfolder still left out?"""
    lines = listing("lines_that_omit")
    repairs = {
        3: 'include = ["shop*"]',
        4: "",
        2: 'where = ["src"]',
        5: 'exclude = ["tests*"]',
    }
    faulty = []
    for kept in repairs:
        text = [repairs.get(n, line) if n != kept else line for n, line in enumerate(lines, 1)]
        files = {"pyproject.toml": pyproject("setuptools", "\n" + "\n".join(text) + "\n")}
        files |= {"src/shop/__init__.py": "", "src/shop/tax/rates.py": ""}
        if "shop/tax/rates.py" not in packed(build(scratch.Project("project", files))):
            faulty.append(kept)
    return sorted(faulty)


@proof("setuptools")
def module_that_comes_back() -> object:
    """Delete a module between two builds, and build the wheel in the tree and from an sdist."""
    files = {"src/shop/__init__.py": "", "src/shop/old.py": ""}
    project = scratch.Project("project", {**files, "pyproject.toml": pyproject("setuptools")})
    build(project)
    (project.path / "src/shop/old.py").unlink()
    in_tree, from_sdist = build(project, out="a"), build(project, "", out="b")
    return tuple("shop/old.py" in packed(wheel) for wheel in (in_tree, from_sdist))


@proof("hatchling")
def lines_no_backend_takes() -> object:
    """Put each line into a sound pyproject.toml; does a build fail?"""
    import hatchling

    lines = listing("lines_no_backend_takes")
    sound = {
        3: 'build-backend = "hatchling.build"',
        6: 'name = "shop"',
        7: 'version = "1.0"',
        8: 'requires-python = ">=3.11"',
        9: "dependencies = []",
        10: 'scripts = {shop = "shop:main"}',
    }
    assert hatchling.__name__
    faulty = []
    for kept in sound:
        text = [sound.get(n, line) if n != kept else line for n, line in enumerate(lines, 1)]
        text += ["[tool.hatch.build.targets.wheel]", 'packages = ["shop"]']
        project = scratch.Project(
            "project", {"pyproject.toml": "\n".join(text), "shop/__init__.py": ""}
        )
        faulty += [kept] * (not build(project).exists())
    return faulty


# --- 3. flat or src: which test run notices -------------------------------------------------------

WHEEL = "dist/shop-1.0-py3-none-any.whl"
MISSING = "No module named 'shop.orders'"
TEST = "def test_total():\n    from shop.orders import total\n\n    assert total(100) == 125\n"


def omitting(layout: str) -> scratch.Project:
    """Make a project whose wheel leaves shop/orders out: the list of packages is an old one."""
    at = {"flat": "", "src": "src/"}[layout]
    where = f'\n[tool.setuptools]\npackages = ["shop"]\npackage-dir = {{"" = "{at or "."}"}}\n'
    files = {
        "pyproject.toml": pyproject("setuptools", where),
        f"{at}shop/__init__.py": "",
        f"{at}shop/orders/__init__.py": "def total(net):\n    return net * 1.25\n",
        "tests/test_total.py": TEST,
    }
    project = scratch.Project(layout, files)
    build(project)
    return project


@proof("setuptools")
def editable_under_src() -> object:
    """Install a src layout editable, though its wheel omits a subpackage, and run its tests."""
    project = omitting("src")
    programs = environment(project, ".edit", "-e .")
    told = project.run([f"{programs}/pytest", "-q"]).output
    missing = "shop.orders" if MISSING in told else "shop"
    return "passes" if "1 passed" in told else f"misses {missing}"


@proof("setuptools")
def runs_that_notice() -> object:
    """Run one test in twelve ways; count those that fail for the subpackage the wheel omits."""

    def noticed(layout: str) -> int:
        project, found = omitting(layout), 0
        programs = environment(project, ".env")
        for install in "", "-e .", WHEEL:
            if install:
                add(project, ".env", install)
            for way in [f"{programs}/pytest"], [f"{programs}/python", "-m", "pytest"]:
                found += MISSING in project.run([*way, "-q"]).output
        return found

    with ThreadPoolExecutor() as pool:
        return sum(pool.map(noticed, ("flat", "src")))


@proof("pytest")
def flat_runs_that_notice() -> object:
    """Install the faulty wheel of a flat layout, and run its tests in four ways."""
    import pytest

    assert pytest.__version__
    project = omitting("flat")
    programs = environment(project, ".real", WHEEL)
    ways: dict[str, list[Any]] = {
        "module": [f"{programs}/python", "-m", "pytest", "-q"],
        "plain": [f"{programs}/pytest", "-q"],
        "importlib": [f"{programs}/pytest", "-q", "--import-mode=importlib"],
    }
    noticed = [name for name, way in ways.items() if MISSING in project.run(way).output]
    project.write({"tests/__init__.py": ""})
    return noticed + ["init"] * (MISSING in project.run(ways["plain"]).output)


@proof("hatchling")
def seen_without_reinstalling() -> object:
    """Change four things in a project that is installed editable; which does Python see?"""
    more = '[project.scripts]\nshop = "shop:main"\n'
    project = scratch.Project(
        "project",
        {
            "pyproject.toml": pyproject("hatchling", more),
            "src/shop/__init__.py": "def main():\n    return 0\n",
        },
    )
    programs = environment(project, ".edit", "-e .")
    project.write(
        {
            "pyproject.toml": pyproject("hatchling", more + 'shop2 = "shop:main"\n', version="2.0"),
            "src/shop/__init__.py": "def main():\n    return 7\n",
            "src/shop/added.py": "print('added')\n",
        }
    )
    tell = "from importlib.metadata import version; print(version('shop'))"
    seen = {
        "body": project.run([f"{programs}/shop"]).code == 7,
        "module": project.run([f"{programs}/python", "-m", "shop.added"]).code == 0,
        "version": project.run([f"{programs}/python", "-c", tell]).output == "2.0",
        "script": Path(programs, "shop2").exists(),
    }
    return [name for name, is_seen in seen.items() if is_seen]


@proof("venv")
def order_of_the_path() -> object:
    """Where an environment's Python looks, in order, for a module that four places have."""
    project = scratch.Project("project", {"here/which.py": "", "variable/which.py": ""})
    programs = environment(project, ".env")
    packages = next(Path(programs).parent.glob("lib/python*/site-packages"))
    (packages / "shop.pth").write_text(str(project.path / "editable"))
    (project.path / "editable").mkdir()
    program = ["-c", "import sys; print(*sys.path, sep='\\n')"]
    told = project.run([f"{programs}/python", *program], env={"PYTHONPATH": "variable"}).output
    found = []
    for line in told.splitlines():
        place = {
            "": "cwd",
            "project/variable": "variable",
            "project/editable": "pth",
        }.get(line, "site" if line.endswith(".env/" + str(packages).split(".env/")[1]) else "")
        place = place or ("stdlib" if line.endswith("lib-dynload") else "")
        found += [place] * bool(place)
    return found


@proof("uvicorn")
def server_without_an_install() -> object:
    """Start uvicorn at the root of a src tree that is not installed, with and without --app-dir."""
    import uvicorn

    app = "async def app(scope, receive, send):\n    raise RuntimeError\nprint('FOUND')\n"
    files = {"src/shop/__init__.py": "", "src/shop/main.py": app}
    project = scratch.Project("project", files)
    assert uvicorn.__version__
    how = "shop.main:app --port 0 --lifespan on"
    return ["FOUND" in project.run(f"uvicorn {o} {how}").output for o in ("", "--app-dir src")]


@proof("email")
def two_ways_to_start() -> object:
    """Start a module that lies beside an email.py of its own as a script, and with -m."""
    report = "import email\n\nprint(hasattr(email, 'OURS'))\n"
    files = {"shop/__init__.py": "", "shop/email.py": "OURS = True\n", "shop/report.py": report}
    project = scratch.Project("project", files)
    told = [
        project.run(f"python {how}", env=SAME_PATH) for how in ("shop/report.py", "-m shop.report")
    ]
    return tuple({"True": True, "False": False}.get(each.output, each.output) for each in told)


# --- 4. how pytest imports tests ------------------------------------------------------------------


@proof("pytest")
def import_modes() -> object:
    """Two test files of one name, three set-ups: what happens, and is the root importable after?"""
    import pytest

    assert pytest.__version__
    test = "import os, sys\ndef test_root():\n    print('ROOT', os.getcwd() in sys.path)\n"
    files = {f"tests/{kind}/test_orders.py": test for kind in ("unit", "integration")}
    inits = {f"tests/{where}__init__.py": "" for where in ("", "unit/", "integration/")}
    plain = scratch.Project("plain", files)
    marked = scratch.Project("marked", {**files, **inits})
    runs = {
        "prepend": plain.run("pytest -q -s"),
        "prepend_init": marked.run("pytest -q -s"),
        "importlib": plain.run("pytest -q -s --import-mode=importlib"),
    }
    found = {}
    for name, outcome in runs.items():
        if "2 passed" in outcome.output:
            found[name] = "root" if "ROOT True" in outcome.output else "untouched"
        else:
            found[name] = "mismatch" if "import file mismatch" in outcome.output else "other"
    return found


@proof("pytest")
def helpers_under_importlib() -> object:
    """Four ways to share code between tests under --import-mode=importlib; which of them work?"""
    import pytest

    assert pytest.__version__
    use = "from helpers import VAT\n\ndef test_vat():\n    assert VAT == 0.25\n"
    ways: dict[str, dict[str, str]] = {
        "init": {"tests/__init__.py": "", "tests/test_vat.py": use},
        "pythonpath": {"pytest.ini": "[pytest]\npythonpath = tests\n", "tests/test_vat.py": use},
        "conftest": {
            "tests/conftest.py": "import pytest\n\n@pytest.fixture\ndef vat():\n    return 0.25\n",
            "tests/test_vat.py": "def test_vat(vat):\n    assert vat == 0.25\n",
        },
        "empty": {"tests/conftest.py": "", "tests/test_vat.py": use},
    }
    working = []
    for name, files in ways.items():
        project = scratch.Project("project", {"tests/helpers.py": "VAT = 0.25\n", **files})
        told = project.run("pytest -q --import-mode=importlib").output
        working += [name] * ("1 passed" in told)
    return working


# --- 5. entry points ------------------------------------------------------------------------------


@proof("hatchling")
def exit_codes() -> object:
    """Install three commands whose functions return a number, a text and nothing; run them."""
    names = {"count": "3", "message": "'3 orders'", "nothing": "None"}
    scripts = "".join(f'{name} = "shop:{name}"\n' for name in names)
    body = "".join(f"def {name}():\n    return {value}\n\n" for name, value in names.items())
    files = {"pyproject.toml": pyproject("hatchling", f"[project.scripts]\n{scripts}")}
    project = scratch.Project("project", {**files, "src/shop/__init__.py": body})
    programs = environment(project, ".env", str(build(project)))
    return [project.run([f"{programs}/{name}"]).code for name in names]


@proof("hatchling")
def scripts_that_cannot_run() -> object:
    """Install each command of a table alone, run it, and see whether its function was reached."""
    reached = "def main():\n    print('REACHED')\n"
    faulty = []
    for number, line in enumerate(listing("scripts_that_cannot_run"), 1):
        if number == 1:
            continue
        files = {"pyproject.toml": pyproject("hatchling", f"[project.scripts]\n{line}\n")}
        files |= {f"src/shop/{name}.py": reached for name in ("cli", "load", "serve", "tax")}
        files |= {"src/shop/__init__.py": "", "src/shop/admin/__init__.py": reached}
        project = scratch.Project("project", files)
        programs = environment(project, ".env", str(build(project)))
        program = Path(programs, line.split(" = ")[0])
        works = program.exists() and "REACHED" in project.run([str(program)]).output
        faulty += [number] * (not works)
    return faulty


@proof("importlib")
def version_of_a_checkout() -> object:
    """Ask for the version of a package that is importable and not installed."""
    from importlib.metadata import PackageNotFoundError, version

    project = scratch.Project("project", {"src/harbour/__init__.py": ""})
    sys.path.insert(0, str(project.path / "src"))
    assert import_module("harbour")
    try:
        return version("harbour")
    except PackageNotFoundError as error:
        return error


@proof("importlib")
def entry_points_are_lazy() -> object:
    """Find a plugin through its entry point: when is its module imported?"""
    from importlib.metadata import entry_points

    project = scratch.Project(
        "project",
        {
            "csv_export.py": "def export():\n    return 'csv'\n",
            "csv_export-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: csv-export\n",
            "csv_export-1.0.dist-info/entry_points.txt": "[shop.export]\ncsv = csv_export:export\n",
        },
    )
    sys.path.insert(0, str(project.path))
    (found,) = entry_points(group="shop.export")
    before = "csv_export" in sys.modules
    export = found.load()
    return found.name, before, "csv_export" in sys.modules, export()


# --- 6. files that are not Python -----------------------------------------------------------------


@proof("importlib")
def three_ways_to_a_file() -> object:
    """Read a template in three ways: in the checkout, installed, and from a zipped package."""
    resources = import_module("importlib.resources")
    assert resources.__name__
    mail = "from importlib import resources\nfrom pathlib import Path\n\n"
    mail += "def cwd():\n    return open('shop/mail/hello.txt').read()\n\n"
    mail += "def beside():\n    return (Path(__file__).parent / 'mail/hello.txt').read_text()\n\n"
    mail += "def resource():\n    files = resources.files('shop')\n"
    mail += "    return (files / 'mail' / 'hello.txt').read_text()\n"
    files = {"shop/__init__.py": mail, "shop/mail/hello.txt": "Hello"}
    project = scratch.Project("project", files)
    away = scratch.Project("away")
    shutil.copytree(project.path / "shop", away.path / "site/shop")
    with zipfile.ZipFile(away.path / "shop.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    runs = {"checkout": (project, "."), "installed": (away, "site"), "zip": (away, "shop.zip")}
    found = {}
    for way in ("cwd", "beside", "resource"):
        program = ["python", "-c", f"import shop; print(shop.{way}())"]
        works = [
            where
            for where, (place, path) in runs.items()
            if place.run(program, env={"PYTHONPATH": path}).output == "Hello"
        ]
        names = {1: "checkout", 2: "not_zip", 3: "everywhere"}
        found[way] = names[len(works)]
    return found


@proof("setuptools")
def what_brings_the_data() -> object:
    """Four attempts to get a template into a wheel of setuptools; which of them succeed?"""
    table = "\n[tool.setuptools]\ninclude-package-data = true\n"
    data = '\n[tool.setuptools.package-data]\nshop = ["mail/*.txt"]\n'
    ways: dict[str, dict[str, str]] = {
        "package_data": {"pyproject.toml": pyproject("setuptools", data)},
        "init": {"src/shop/mail/__init__.py": ""},
        "include": {"pyproject.toml": pyproject("setuptools", table)},
        "manifest": {"MANIFEST.in": "graft src/shop/mail\n"},
    }
    working = []
    for name, more in ways.items():
        files = {"pyproject.toml": pyproject("setuptools"), "src/shop/__init__.py": ""}
        files |= {"src/shop/mail/hello.txt": "Hello", **more}
        wheel = build(scratch.Project("project", files))
        working += [name] * ("shop/mail/hello.txt" in packed(wheel))
    return working


# --- 7. dependencies ------------------------------------------------------------------------------


def index(*wanted: tuple[str, str, str]) -> scratch.Project:
    """Make a folder of wheels, each of a name, a version, and further lines of metadata."""
    project = scratch.Project("index")
    (project.path / "wheels").mkdir()
    for name, version, more in wanted:
        python = "" if "Requires-Python" in more else "Requires-Python: >=3.11\n"
        info = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{python}{more}"
        texts = {
            f"{name}.py": f"VERSION = '{version}'\n",
            f"{info}/METADATA": metadata,
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},,\n" for path in [*texts, f"{info}/RECORD"])
        wheel = project.path / "wheels" / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in {**texts, f"{info}/RECORD": record}.items():
                archive.writestr(path, text)
    return project


LIBRARIES = [
    ("money", "1.0", ""),
    ("money", "1.1", ""),
    ("money", "2.0", ""),
    ("tax", "1.0", "Requires-Dist: money>=1.0\n"),
    ("tax", "1.1", "Requires-Dist: money>=1.0,<2\n"),
]


def resolve(project: scratch.Project, wanted: str, options: str = "") -> dict[str, str] | str:
    """Ask uv which versions fit together; say `refused` where none do."""
    from uv import find_uv_bin

    project.write({"wanted.in": wanted})
    how = ["pip", "compile", "wanted.in", "-q", "--no-index", "--find-links", "wheels"]
    how += ["--no-header", "--no-annotate", *options.split()]
    outcome = project.run([find_uv_bin(), *how], env=TOOLS)
    if outcome.code:
        return "refused"
    return {line.split("==")[0]: line.split("==")[1] for line in outcome.output.split()}


@proof("uv")
def resolved_versions() -> object:
    """Resolve one requirement against five wheels."""
    return resolve(index(*LIBRARIES), "tax\n")


@proof("pip")
def newer_python_wanted() -> object:
    """Let pip choose between a version for this Python and a newer one for another."""
    import pip

    assert pip.__version__
    project = index(("money", "1.0", ""), ("money", "2.0", "Requires-Python: >=3.99\n"))
    how = "pip install -q --no-deps --find-links wheels --target here money"
    if project.run(how, env=TOOLS).code:
        return "refused"
    return next((project.path / "here").glob("money-*")).name.split("-")[1].removesuffix(".dist")


@proof("hatchling")
def tables_in_the_metadata() -> object:
    """Build a project with four tables of requirements; which of them reach the wheel?"""
    more = 'dependencies = ["in-dependencies"]\n'
    more += '[project.optional-dependencies]\npg = ["in-an-extra"]\n'
    more += '[dependency-groups]\ndev = ["in-a-group"]\n'
    more += '[tool.uv]\nconstraint-dependencies = ["in-constraints<9"]\n'
    files = {"pyproject.toml": pyproject("hatchling", more), "src/shop/__init__.py": ""}
    wheel = zipfile.ZipFile(build(scratch.Project("project", files)))
    told = wheel.read("shop-1.0.dist-info/METADATA").decode()
    wanted = ("in-dependencies", "in-an-extra", "in-a-group", "in-constraints")
    return [name for name in wanted if name in told]


@proof("uv")
def another_wheel_of_that_version() -> object:
    """Lock a wheel with its hash, change the wheel, and install with and without the hash."""
    from uv import find_uv_bin

    project = index(("money", "1.0", ""))
    wheel = project.path / "wheels/money-1.0-py3-none-any.whl"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    project.write({"locked": f"money==1.0 --hash=sha256:{digest}\n", "pinned": "money==1.0\n"})
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("surprise.py", "print('hello from a stranger')\n")
    found = {}
    for name in ("locked", "pinned"):
        how = ["pip", "install", "-q", "--no-index", "--find-links", "wheels"]
        how += ["--target", f"from_{name}"]
        found[name] = project.run([find_uv_bin(), *how, "-r", name], env=TOOLS).code == 0
    return found


@proof("packaging")
def markers() -> object:
    """Evaluate four markers for CPython 3.11 on Linux."""
    from packaging.markers import Marker

    machine = {"python_version": "3.11", "python_full_version": "3.11.9", "sys_platform": "linux"}
    wanted = (
        'python_version < "3.9"',
        'python_version >= "3.9"',
        'sys_platform != "win32"',
        'extra == "pg"',
    )
    return [Marker(marker).evaluate({**machine, "extra": ""}) for marker in wanted]


# --- 8. where the rest of a service goes ----------------------------------------------------------

MIGRATION = """
from alembic import op
from sqlalchemy import Column, Integer

revision, down_revision = "0001", None


def upgrade():
    op.create_table("orders", Column("id", Integer, primary_key=True))
"""
ENV = """
from alembic import context
from sqlalchemy import create_engine

with create_engine("sqlite:///orders.db").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


@proof("alembic")
def migrations_from_a_wheel() -> object:
    """Install a wheel, go elsewhere, and migrate by a path and by a package."""
    import alembic

    assert alembic.__version__
    migrate = "import sys\nfrom alembic import command\nfrom alembic.config import Config\n\n\n"
    migrate += "def main():\n    config = Config()\n"
    migrate += '    config.set_main_option("script_location", sys.argv[1])\n'
    migrate += '    command.upgrade(config, "head")\n    print("MIGRATED")\n'
    files = {
        "pyproject.toml": pyproject("hatchling", '[project.scripts]\nmigrate = "shop:main"\n'),
        "src/shop/__init__.py": migrate,
        "src/shop/migrations/env.py": ENV,
        "src/shop/migrations/versions/0001_orders.py": MIGRATION,
    }
    project = scratch.Project("project", files)
    programs = environment(project, ".env", str(build(project)))
    away = scratch.Project("away")
    ways = {"path": "src/shop/migrations", "package": "shop:migrations"}
    return {
        name: "MIGRATED" in away.run([f"{programs}/migrate", location]).output
        for name, location in ways.items()
    }


# --- 9. publishing --------------------------------------------------------------------------------


@proof("hatchling")
def what_an_sdist_holds() -> object:
    """Build an sdist with hatchling and no configuration from a folder with this and that in it."""
    files = {
        "pyproject.toml": pyproject("hatchling"),
        "src/shop/__init__.py": "",
        "tests/test_shop.py": "",
        ".gitignore": ".env\ndist/\n",
        ".env": "PASSWORD=1\n",
        ".env.production": "PASSWORD=2\n",
        "notes/customers.csv": "Ada\n",
        "dist/shop-0.9.tar.gz": "",
    }
    project = scratch.Project("project", files)
    build(project, "--sdist")
    with tarfile.open(project.path / "dist/shop-1.0.tar.gz") as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    return sorted(held - {"PKG-INFO", "pyproject.toml"})


@proof("pip")
def yanked_release() -> object:
    """Ask pip for any version, and for the very one that its maintainers have yanked."""
    import pip

    assert pip.__version__
    project = index(("money", "1.1", ""), ("money", "2.0", ""))
    link = '<a {} href="wheels/money-{}-py3-none-any.whl">money-{}-py3-none-any.whl</a>\n'
    yanked = link.format('data-yanked="wrong prices"', "2.0", "2.0")
    project.write({"links.html": link.format("", "1.1", "1.1") + yanked})
    installed = []
    for target, wanted in ("any", "money"), ("pinned", "money==2.0"):
        how = f"pip install -q --no-deps --find-links links.html --target {target} {wanted}"
        failed = project.run(how, env=TOOLS).code
        found = [path.name for path in (project.path / target).glob("money-*.dist-info")]
        installed.append("refused" if failed else found[0].split("-")[1].removesuffix(".dist"))
    return installed
