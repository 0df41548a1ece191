"""What is committed: no host or machine is named, links and commands in the documents hold."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import generate
import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.needs_git


def committed() -> list[Path]:
    """The files that are committed, or about to be."""
    listing = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True)
    paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    assert len(paths) > 40
    return [path for path in paths if path.is_file()]


def texts() -> dict[str, str]:
    """Every committed text file by its path from the root."""
    found = {}
    for path in committed():
        data = path.read_bytes()
        if b"\0" not in data:
            found[path.relative_to(ROOT).as_posix()] = data.decode("utf-8")
    return found


NOTEBOOKS = sorted(
    path for folder in ("notebooks", "solutions") for path in ROOT.glob(f"{folder}/*.ipynb")
)
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "index.md")]


def prose(path: Path) -> str:
    """The text of a document, or of a notebook's Markdown cells; without its code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return text


def test_no_file_names_a_registrys_host() -> None:
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com"]
    hosts += ["deb." + "debian.org", "conda" + ".anaconda.org"]
    named = [(name, host) for name, text in texts().items() for host in hosts if host in text]
    assert named == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    place = re.compile(r"(?<![\w.:/}~-])/(?:work|tmp|root|home/\w+|Users/\w+)/[\w.]")
    named = [(name, found[0]) for name, text in texts().items() for found in place.finditer(text)]
    assert named == []


def test_no_lock_that_names_hosts_is_committed() -> None:
    names = {path.name for path in committed()}
    assert not names & {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock"}
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock


def test_every_pin_has_a_hash_and_satisfies_pyproject() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z0-9][^\s=]*)==([^\s;\\]+)(.*(?:\n    --hash.*)*)", lock, re.M)
    assert len(entries) > 200
    assert [name for name, _, rest in entries if "--hash=sha256:" not in rest] == []
    pins: dict[str, list[str]] = {}
    for name, version, _ in entries:
        pins.setdefault(name, []).append(version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [entry for group in project["dependency-groups"].values() for entry in group]
    asked = [*project["project"]["dependencies"], *(e for e in groups if isinstance(e, str))]
    for requirement in map(Requirement, asked):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement} is not locked"
        assert all(requirement.specifier.contains(v, prereleases=True) for v in versions)


def test_the_licences_are_there() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    text = " ".join((ROOT / "LICENSE-text").read_text().split())
    assert "Attribution 4.0 International Public License" in text
    assert "Section 8 -- Interpretation." in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_notebook_is_stored_as_jupyter_writes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    nb = nbformat.reads(text, as_version=4)
    nbformat.validate(nb)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in nb.cells]
    assert len(ids) == len(set(ids))
    assert nb.metadata.kernelspec.name == "python3"
    assert nbformat.writes(nb).rstrip("\n") == text.rstrip("\n")
    assert "application/vnd.jupyter.widget" not in text


# ------------------------------------------------------------------------------ documents


@pytest.mark.parametrize("path", [*DOCUMENTS, *NOTEBOOKS], ids=lambda p: p.name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"(?<!\\)\]\(<?([^)>\s]+)", prose(path))
    for link in links:
        if re.match(r"[a-z]+:|#", link):
            continue
        target = (path.parent / unquote(link.split("#")[0])).resolve()
        assert target.exists(), f"{path.name}: {link}"
        assert ROOT in target.parents


def script(name: str) -> Any:
    """Import a script at the root."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_that_is_written_down_exists() -> None:
    commands = script("run").COMMANDS
    written = [*DOCUMENTS, *NOTEBOOKS, *ROOT.glob(".github/workflows/*.yml"), ROOT / ".ci" / "run"]
    named: dict[str, str] = {}
    for path in written:
        text = path.read_text(encoding="utf-8")
        named |= dict.fromkeys(re.findall(r"\bpy(?:thon3)? run\.py (\w+)", text), path.name)
    assert {"lab", "test", "refresh", "update", "book", "soak"} <= named.keys()
    assert named.keys() <= commands.keys(), named
    usage = (ROOT / "run.py").read_text(encoding="utf-8").split('"""')[1]
    assert re.findall(r"^    (\w+)  ", usage, re.M) == list(commands)


def test_the_first_command_comes_first_and_the_tests_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ {4}((?:python3|git|py) .*)$", readme, re.M)
    ours = [command for command in commands if "run.py" in command]
    assert ours[0].split("#")[0].strip() == "python3 run.py lab"
    assert ours[1].split("#")[0].strip() == "python3 run.py test"


def test_the_script_stays_small() -> None:
    assert len((ROOT / "run.py").read_text(encoding="utf-8").splitlines()) <= 330


# ------------------------------------------------------------------- the public address


def test_what_is_generated_is_up_to_date() -> None:
    for path, text in generate.generated().items():
        assert path.read_text(encoding="utf-8") == text, "run: python3 run.py refresh"


def test_the_address_is_read_where_it_is_set() -> None:
    config = (
        "title: x\n\nrepository:\n  # a note\n  url: 'https://github.com/a/b/'\n  branch: dev\n"
    )
    assert generate.public_address(config) == ("https://github.com/a/b", "dev")
    assert generate.public_address('repository:\n  url: ""\nhtml:\n  url: x\n') == ("", "main")
    assert generate.public_address("html:\n  url: x\n") == ("", "main")


def test_the_badge_opens_the_start_page_and_is_left_out_without_an_address() -> None:
    links = generate.address_links("https://github.com/a/b", "main")
    page = "%2Flab%2Ftree%2Fnotebooks%2F00_start_here.ipynb"
    assert f"https://mybinder.org/v2/gh/a/b/main?urlpath={page}" in links
    assert "git clone https://github.com/a/b" in links
    assert generate.address_links("", "main") == ""
    readme = f"# T\n{generate.OPENING}old\n{generate.CLOSING}\nend\n"
    assert generate.with_links(readme, links).count("mybinder.org/v2") == 1
    assert "old" not in generate.with_links(readme, "")


def test_the_address_is_set_in_one_place() -> None:
    url, _ = generate.public_address((ROOT / "_config.yml").read_text(encoding="utf-8"))
    if url:
        place = url.removeprefix("https://github.com/")
        allowed = {"_config.yml", "README.md"}
        named = {name for name, text in texts().items() if place in text}
        assert named <= allowed


# ---------------------------------------------------------------------------------- style


def tool(*words: str) -> None:
    """Run one of the authors' tools over the repository."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    tool("ruff", "check", "--no-cache", ".")


def test_ruff_would_format_nothing_otherwise() -> None:
    tool("ruff", "format", "--no-cache", "--check", ".")


def test_mypy_finds_nothing() -> None:
    tool("mypy")


def test_pre_commit_uses_the_locked_ruff() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    pins = {pin for hook in hooks for pin in hook["additional_dependencies"]}
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert pins
    for pin in pins:
        assert re.search(rf"^{re.escape(pin)} ", lock, re.M), pin


def test_workflows_parse_and_pin_each_action_to_a_major_version() -> None:
    paths = sorted(ROOT.glob(".github/workflows/*.yml"))
    assert paths
    for path in paths:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"] <= 180
            for step in job["steps"]:
                assert "uses" not in step or re.fullmatch(r"[\w/-]+@v\d+", step["uses"])


def test_scripts_are_stored_as_executable() -> None:
    words = ["git", "-C", str(ROOT), "ls-files", "-s", ".ci/run", ".binder/postBuild"]
    done = subprocess.run([*words, ".binder/start"], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["100755"] * 3
