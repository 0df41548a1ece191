"""Throw-away projects: their files, what runs in them, and the magic that makes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from workbook import scratch
from workbook.processes import ProcessFailed

SHOP = """
    # file: shop/__init__.py
    # file: shop/prices.py
    VAT = 0.25
    # file: tests/test_prices.py
    from shop.prices import VAT

    def test_vat():
        assert VAT == 0.25
"""


@pytest.fixture
def shop() -> scratch.Project:
    return scratch.Project("shop", SHOP)


def test_one_text_holds_many_files(shop: scratch.Project) -> None:
    assert shop.read("shop/__init__.py") == ""
    assert shop.read("shop/prices.py") == "VAT = 0.25\n"
    assert shop.tree().split() == [
        "shop/",
        *("shop/", "__init__.py", "prices.py"),
        *("tests/", "test_prices.py"),
    ]


def test_a_project_of_the_same_name_is_made_anew(shop: scratch.Project) -> None:
    again = scratch.Project("shop", {"main.py": "print(1)\n"})
    assert again.path == shop.path
    assert again.tree().split() == ["shop/", "main.py"]


def test_further_files_leave_the_others(shop: scratch.Project) -> None:
    shop.write({"shop/prices.py": "VAT = 0.19\n", "README.md": "A shop.\n"})
    assert "0.19" in shop.read("shop/prices.py")
    assert "test_vat" in shop.read("tests/test_prices.py")
    assert shop.read("README.md") == "A shop.\n"


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", "C:\\x", "a\\b"])
def test_a_path_out_of_the_project_is_refused_and_nothing_is_lost(
    shop: scratch.Project, path: str
) -> None:
    with pytest.raises(ValueError, match="leads out"):
        shop.write({"new.py": "", path: ""})
    with pytest.raises(ValueError, match="leads out"):
        scratch.Project("shop", {path: ""})
    assert "new.py" not in shop.tree()
    assert "prices.py" in shop.tree()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\n# file: a.py\n", "line 1: no file to write this to"),
        ("# file: a.py\n# file: a.py\n", "line 2: the file a.py stands here for the second time"),
    ],
)
def test_a_text_that_cannot_be_split_is_refused_by_line(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        scratch.Project("shop", text)


@pytest.mark.parametrize("name", ["", "..", "a/b", "/x", "-x"])
def test_a_name_that_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        scratch.Project(name)


def test_a_tool_runs_in_the_project(shop: scratch.Project) -> None:
    done = shop.run("python -m pytest -q -p no:cacheprovider")
    assert done.code == 0
    assert "1 passed in ≈ 0" in str(done)
    shop.write({"shop/prices.py": "VAT = 0.19\n"})
    failed = shop.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider"])
    assert failed.code == 1
    assert "shop/tests/test_prices.py" in failed.output or "tests/test_prices.py" in failed.output
    assert str(shop.path) not in failed.output


def test_what_it_prints_names_no_place_of_this_machine(shop: scratch.Project) -> None:
    shop.write({"where.py": "import pathlib, sys\nprint(pathlib.Path.cwd(), sys.prefix)\n"})
    assert shop.run("python where.py").output == "shop .../env"


def test_our_own_environment_configures_no_tool(
    shop: scratch.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    assert shop.run("python -m pytest -q -p no:cacheprovider").code == 0
    given = shop.run("python -c 'import os; print(os.environ[\"COLOUR\"])'", env={"COLOUR": "red"})
    assert given.output == "red"


def test_a_program_that_is_not_here_or_does_not_end_is_named(shop: scratch.Project) -> None:
    with pytest.raises(ProcessFailed, match="there is no program 'no-such-program'"):
        shop.run("no-such-program")
    loop = ["python", "-uc", "print('hello')\nwhile True: pass"]
    with pytest.raises(ProcessFailed, match=r"did not end within 2 s:\nhello"):
        shop.run(loop, seconds=2)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("NO_COLOR", "1")  # which the extension sets, is unset afterwards
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "workbook")
    yield shell
    shell.clear_instance()


def test_the_magic_makes_a_project_and_adds_to_it(shell) -> None:  # type: ignore[no-untyped-def]
    shell.run_cell_magic("project", "stall", "# file: a.py\nA = 1\n")
    stall = shell.user_ns["stall"]
    shell.run_cell_magic("project", "stall --add", "# file: b.py\nB = 2\n")
    assert stall.tree().split() == ["stall/", "a.py", "b.py"]
    shell.run_cell_magic("project", "stall", "# file: c.py\n")
    assert shell.user_ns["stall"].tree().split() == ["stall/", "c.py"]


@pytest.mark.parametrize("line", ["", "1a", "stall --no", "nothing --add", "stall --add --add"])
def test_the_magic_refuses_what_it_does_not_know(shell, line: str) -> None:  # type: ignore[no-untyped-def]
    from IPython.core.error import UsageError

    with pytest.raises(UsageError, match=r"project"):
        shell.find_cell_magic("project")(line, "# file: a.py\n")


def test_what_a_program_leaves_in_the_temporary_folder_goes_with_the_kernel(
    shop: scratch.Project,
) -> None:
    made = shop.run(["python", "-c", "import tempfile; print(tempfile.mkdtemp())"])
    assert made.output.startswith(".../tmp")  # the kernel's own folder
