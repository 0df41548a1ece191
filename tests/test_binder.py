"""Binder: what repo2docker makes of .binder/, and how JupyterLab starts there and at home."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generate
import httpx
import pytest

ROOT = Path(__file__).parent.parent
BINDER = ROOT / ".binder"
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")


# ------------------------------------------------------------------------- what it installs


def test_its_requirements_are_written_from_the_lock() -> None:
    written = (BINDER / "requirements.txt").read_text(encoding="utf-8")
    assert written == generate.binder_requirements(LOCK), "run: python3 run.py refresh"


def test_its_requirements_name_no_host_hash_or_path() -> None:
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) > 100
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[^\s;/@]+( ; [^/@]+)?", line), line


def test_they_hold_all_that_the_workbook_runs_on_and_no_tool_of_its_authors() -> None:
    names = {line.split("==")[0] for line in generate.binder_requirements(LOCK).splitlines()}
    assert {"jupyterlab", "anywidget", "uvicorn", "pytest", "sqlalchemy", "h2", "hpack"} <= names
    assert not names & {"mypy", "scikit-learn", "nbval", "playwright", "jupyter-book", "sphinx"}


def test_the_lock_says_what_each_package_is_for() -> None:
    us = "python-architecture-workbook (pyproject.toml"
    lock = (
        f"a==1 \\\n    --hash=sha256:00\n    # via {us})\n"
        "b==2 ; os_name == 'nt' \\\n    --hash=sha256:00\n    # via\n    #   a\n    #   c\n"
        f"c==3 \\\n    --hash=sha256:00\n    # via {us}:dev)\n"
    )
    assert generate.binder_requirements(lock).splitlines()[1:] == ["a==1", "b==2 ; os_name == 'nt'"]


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """What repo2docker would build, of the files that are committed or about to be."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.needs_unix
def test_packages_are_a_layer_of_their_own_before_the_repository(dockerfile: str) -> None:
    install = dockerfile.index('pip install --no-cache-dir -r ".binder/requirements.txt"')
    assert install < dockerfile.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
    assert dockerfile.index("src/ ${REPO_DIR}/") < dockerfile.index("RUN ./.binder/postBuild")


@pytest.mark.needs_unix
def test_the_python_is_the_one_that_runtime_txt_names(dockerfile: str) -> None:
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"environment-2epy-2d{version.replace('.', '-2e')}-2dlinux" in dockerfile
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/.binder/start"' in dockerfile


def test_the_package_is_installed_without_dependencies() -> None:
    script = (BINDER / "postBuild").read_text(encoding="utf-8")
    assert "pip install --no-cache-dir --no-deps --editable ." in script


# ---------------------------------------------------------------- JupyterLab, there and at home


class Lab:
    """A running JupyterLab."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path) -> None:
        self.folder = folder
        self.client = httpx.Client(headers={"Authorization": "token secret"}, timeout=30)
        runtime = folder / "runtime"
        isolated = {
            "JUPYTER_RUNTIME_DIR": str(runtime),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
        }
        flags = ["--no-browser", "--port=0", "--ServerApp.ip=127.0.0.1", "--allow-root"]
        flags += ["--IdentityProvider.token=secret", f"--ServerApp.root_dir={folder}"]
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            [*command, *flags], env={**env, **isolated}, stdout=self.log, stderr=self.log
        )
        for _ in range(600):
            with contextlib.suppress(ValueError, httpx.HTTPError):
                told = json.loads(max(runtime.glob("jpserver-*.json")).read_text())
                self.url = told["url"]
                self.client.get(f"{self.url}api")
                break
            assert self.process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)

    def page(self) -> dict[str, Any]:
        """The settings that the server hands to JupyterLab's page."""
        html = self.client.get(f"{self.url}lab").text
        found = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.S)
        assert found
        return json.loads(found[1])

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()


HOME = {"JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter")}  # as run.py lab sets it
PYTHON = [sys.executable, "-m", "jupyterlab"]


@pytest.fixture(scope="module", params=["at home", "on Binder"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab as run.py lab and as Binder start it."""
    command, env = PYTHON, {**os.environ, **HOME}
    if request.param == "on Binder":
        command, env = (
            ["bash", str(BINDER / "start"), *PYTHON],
            {**os.environ, "REPO_DIR": str(ROOT)},
        )
    lab = Lab(command, env, tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.mark.needs_unix
def test_the_quiz_can_reach_jupyterlab_and_no_news_are_fetched(lab: Lab) -> None:
    page = lab.page()
    assert page["exposeAppInBrowser"] is True
    settings = lab.client.get(
        f"{lab.url}lab/api/settings/@jupyterlab/apputils-extension:notification"
    ).json()
    defaults = settings["schema"]["properties"]
    assert defaults["fetchNews"]["default"] == "false"
    assert defaults["checkForUpdates"]["default"] is False


@pytest.mark.needs_unix
def test_a_saved_notebook_holds_no_widget_view(lab: Lab) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<p>Q</p>"}
    output = {"output_type": "display_data", "metadata": {}, "data": view}
    cell = {
        **{"cell_type": "code", "id": "q", "metadata": {}, "source": "quiz()"},
        **{"execution_count": 1, "outputs": [output]},
    }
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    model = {"type": "notebook", "format": "json", "content": content}
    saved = lab.client.put(f"{lab.url}api/contents/a.ipynb", json=model)
    assert saved.status_code == 201, saved.text
    stored = json.loads((lab.folder / "a.ipynb").read_text(encoding="utf-8"))
    assert list(stored["cells"][0]["outputs"][0]["data"]) == ["text/html"]


@pytest.mark.needs_unix
def test_it_opens_the_start_page(lab: Lab) -> None:
    first = lab.client.get(lab.url, follow_redirects=False)
    assert first.headers["location"].split("?")[0] == "/lab/tree/notebooks/00_start_here.ipynb"


@pytest.mark.needs_unix
def test_binder_says_that_its_sessions_are_temporary() -> None:
    show = "import os; print(os.environ['WORKBOOK_TEMPORARY'])"
    command = ["bash", str(BINDER / "start"), sys.executable, "-c", show]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"
