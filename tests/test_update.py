"""run.py update, with real git repositories: a newer version comes in, the learner's edits stay."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.needs_git
CHAPTER = "notebooks/05_wsgi.ipynb"


def notebook(**cells: str) -> str:
    """A notebook with these cells (id=source), as JupyterLab writes it."""
    made = [
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": key,
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        for key, source in cells.items()
    ]
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


class Repository:
    """A git work tree."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.root), "-c", "user.name=A", "-c", "user.email=a@b.c"]
        return subprocess.run(
            [*command, *words], check=True, capture_output=True, encoding="utf-8"
        ).stdout

    def put(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD").strip()

    def cells(self, path: str = CHAPTER) -> dict[str, str]:
        return {c["id"]: "".join(c["source"]) for c in json.loads(self.text(path))["cells"]}

    def edit(self, key: str, source: str) -> None:
        """Edit one cell as a learner does: its source, and so its output and count."""
        nb: dict[str, Any] = json.loads(self.text(CHAPTER))
        for cell in nb["cells"]:
            cell["execution_count"] = 7
            if cell["id"] == key:
                cell["source"] = [source]
        self.put(CHAPTER, json.dumps(nb, indent=1, sort_keys=True) + "\n")


@pytest.fixture
def authors(tmp_path: Path) -> Repository:
    """The published repository."""
    authors = Repository(tmp_path / "authors")
    authors.root.mkdir()
    authors.git("init", "-q", "-b", "main")
    authors.put(CHAPTER, notebook(intro="1", exercise="def f(): ...", end="3"))
    authors.put("notebooks/ümlaut chapter.ipynb", notebook(a="1"))
    authors.put("README.md", "one\ntwo\nthree\nfour\nfive\nsix\n")
    authors.put("old.txt", "old\n")
    shutil.copytree(ROOT / "tools", authors.root / "tools")
    authors.commit("first")
    return authors


@pytest.fixture
def learner(authors: Repository, tmp_path: Path) -> Repository:
    """A learner's clone; without a name set in git, as a learner's is."""
    learner = Repository(tmp_path / "the learner's")
    subprocess.run(["git", "clone", "-q", str(authors.root), str(learner.root)], check=True)
    return learner


def update(learner: Repository) -> subprocess.CompletedProcess[str]:
    """Run the update as run.py does."""
    script = learner.root / "tools" / "update.py"
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "GIT_CONFIG_GLOBAL": str(learner.root.parent / "none")},
    )
    assert "Traceback" not in done.stderr
    for path in learner.root.rglob("*.ipynb"):
        json.loads(path.read_text(encoding="utf-8"))  # no conflict mark ever lands in a notebook
    return done


def updated(learner: Repository) -> str:
    """Update, and return what it said."""
    done = update(learner)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_an_untouched_clone_becomes_the_new_version(
    authors: Repository, learner: Repository
) -> None:
    authors.put("notebooks/06_new.ipynb", notebook(a="new"))
    authors.put("notebooks/ümlaut chapter.ipynb", notebook(a="2"))
    (authors.root / "old.txt").unlink()
    new = authors.commit()
    assert "3 files changed" in updated(learner)
    assert learner.git("rev-parse", "HEAD").strip() == new
    assert learner.git("status", "--porcelain") == ""


def test_nothing_newer_changes_nothing(learner: Repository) -> None:
    learner.edit("exercise", "def f(): return 1")
    before = learner.text(CHAPTER)
    assert "0 files changed" in updated(learner)
    assert learner.text(CHAPTER) == before


def test_an_edited_cell_stays_and_the_rest_is_new(authors: Repository, learner: Repository) -> None:
    learner.edit("exercise", "def f(): return 'mine'")
    authors.put(CHAPTER, notebook(intro="better", exercise="def f(): ...", more="new", end="3"))
    new = authors.commit()
    said = updated(learner)
    assert learner.cells() == {
        "intro": "better",
        "exercise": "def f(): return 'mine'",
        "more": "new",
        "end": "3",
    }
    assert "merged with your edits" in said
    assert learner.git("rev-parse", "HEAD").strip() == new
    assert learner.git("log", "--oneline").count("\n") == 2, "nothing was committed for the learner"


def test_where_both_changed_a_cell_the_learners_stays_and_theirs_is_beside(
    authors: Repository, learner: Repository
) -> None:
    learner.edit("exercise", "mine")
    authors.put(CHAPTER, notebook(intro="1", exercise="theirs", end="new"))
    authors.commit()
    said = updated(learner)
    assert learner.cells() == {"intro": "1", "exercise": "mine", "end": "new"}
    beside = "notebooks/05_wsgi.upstream.ipynb"
    assert learner.cells(beside)["exercise"] == "theirs"
    assert beside in said
    assert "0 files changed" in updated(learner), "a second time finds nothing more to do"


def test_a_cell_that_was_only_run_takes_the_new_version(
    authors: Repository, learner: Repository
) -> None:
    learner.edit("", "")  # new execution counts, nothing else
    authors.put(CHAPTER, notebook(intro="2", exercise="def f(): ...", end="3"))
    authors.commit()
    updated(learner)
    assert learner.cells()["intro"] == "2"
    counts = {c["id"]: c["execution_count"] for c in json.loads(learner.text(CHAPTER))["cells"]}
    assert counts == {"intro": 1, "exercise": 7, "end": 7}


def test_an_edit_of_the_same_size_in_the_second_of_the_clone_is_kept(
    authors: Repository, learner: Repository
) -> None:
    """git looks at sizes and seconds first, and at contents only where these leave a doubt."""
    learner.git("config", "core.checkStat", "minimal")
    learner.git("config", "core.trustctime", "false")
    cloned = (10**9, 10**9)  # some second of the past
    os.utime(learner.root / "README.md", cloned)
    learner.git("update-index", "--refresh", "-q")
    learner.put("README.md", learner.text("README.md").replace("two", "zwo"))
    for path in ("README.md", ".git/index"):
        os.utime(learner.root / path, cloned)
    authors.put("README.md", "one\ntwo\nthree\nfour\nfive\nSIX\n")
    authors.commit()
    updated(learner)
    assert learner.text("README.md") == "one\nzwo\nthree\nfour\nfive\nSIX\n"


def test_cells_added_moved_and_removed_on_both_sides(
    authors: Repository, learner: Repository
) -> None:
    mine = notebook(first="mine 0", intro="1", note="mine 1", note2="mine 2", exercise="edited")
    learner.put(CHAPTER, mine)  # `end` deleted, three cells added, one edited
    authors.put(CHAPTER, notebook(new="x", intro="1", end="3"))  # `exercise` dropped
    authors.commit()
    updated(learner)
    cells = learner.cells()
    assert cells == {
        **{"first": "mine 0", "new": "x", "intro": "1", "note": "mine 1", "note2": "mine 2"},
        "exercise": "edited",
    }
    order = list(cells)
    assert order.index("intro") < order.index("note") < order.index("note2")
    assert order.index("note2") < order.index("exercise")


def test_text_is_merged_by_line_and_a_clash_keeps_the_learners(
    authors: Repository, learner: Repository
) -> None:
    learner.put("README.md", "one\ntwo\nthree\nfour\nfive\nSIX mine\n")
    authors.put("README.md", "ONE theirs\ntwo\nthree\nfour\nfive\nsix\n")
    authors.commit()
    updated(learner)
    assert learner.text("README.md") == "ONE theirs\ntwo\nthree\nfour\nfive\nSIX mine\n"
    authors.put("README.md", "ONE theirs\ntwo\nthree\nfour\nfive\nSIX theirs\n")
    authors.commit()
    updated(learner)
    assert learner.text("README.md").endswith("SIX mine\n")
    assert learner.text("README.upstream.md").endswith("SIX theirs\n")


@pytest.mark.parametrize("broken", ["{not json", json.dumps({"cells": [{"source": "no id"}]})])
def test_a_notebook_that_cannot_be_merged_stays_as_it_is(
    authors: Repository, learner: Repository, broken: str
) -> None:
    command = [sys.executable, str(learner.root / "tools" / "update.py")]
    learner.put(CHAPTER, broken)
    authors.put(CHAPTER, notebook(intro="2"))
    authors.commit()
    assert subprocess.run(command).returncode == 0
    assert learner.text(CHAPTER) == broken
    assert learner.cells("notebooks/05_wsgi.upstream.ipynb") == {"intro": "2"}


def test_a_deleted_file_comes_back_which_starts_a_chapter_afresh(
    authors: Repository, learner: Repository
) -> None:
    (learner.root / CHAPTER).rename(learner.root / "notebooks" / "my work.ipynb")
    (learner.root / "old.txt").unlink()
    (authors.root / "old.txt").unlink()
    authors.commit()
    said = updated(learner)
    assert learner.cells()["intro"] == "1"
    assert (learner.root / "notebooks" / "my work.ipynb").exists()
    assert not (learner.root / "old.txt").exists(), "deleted on both sides"
    assert f"{CHAPTER}: was deleted here, is back" in said


def test_a_file_that_the_authors_removed_stays_if_it_was_edited(
    authors: Repository, learner: Repository
) -> None:
    learner.put("old.txt", "old, and mine\n")
    (authors.root / "old.txt").unlink()
    authors.commit()
    assert "no longer part of the workbook; yours stays" in updated(learner)
    assert learner.text("old.txt") == "old, and mine\n"


@pytest.mark.parametrize("ignored", [False, True])
def test_an_untracked_file_in_the_way_is_moved_aside(
    authors: Repository, learner: Repository, ignored: bool
) -> None:
    if ignored:
        learner.put(".git/info/exclude", "*.ipynb\n")
    learner.put("notebooks/06_new.ipynb", notebook(a="my own notes"))
    learner.put("notebooks/unrelated.ipynb", notebook(a="also mine"))
    authors.put("notebooks/06_new.ipynb", notebook(a="the new chapter"))
    authors.commit()
    said = updated(learner)
    assert learner.cells("notebooks/06_new.ipynb") == {"a": "the new chapter"}
    assert learner.cells("notebooks/06_new.mine.ipynb") == {"a": "my own notes"}
    assert learner.cells("notebooks/unrelated.ipynb") == {"a": "also mine"}
    assert "06_new.mine.ipynb" in said


def test_a_folder_in_the_way_of_a_file_is_moved_aside(
    authors: Repository, learner: Repository
) -> None:
    learner.put("notes/mine.txt", "mine\n")
    learner.put("plan", "mine too\n")
    authors.put("notes", "a file\n")
    authors.put("plan/a.txt", "in a folder\n")
    authors.commit()
    updated(learner)
    assert learner.text("notes") == "a file\n"
    assert learner.text("notes.mine/mine.txt") == "mine\n"
    assert learner.text("plan/a.txt") == "in a folder\n"
    assert learner.text("plan.mine") == "mine too\n"


@pytest.mark.parametrize("rewritten", ["the last commit", "everything"])
def test_a_history_that_the_authors_rewrote_is_followed(
    authors: Repository, learner: Repository, rewritten: str
) -> None:
    authors.put("README.md", "withdrawn\n")
    authors.commit()
    update(learner)
    learner.edit("exercise", "mine")
    if rewritten == "everything":
        authors.git("checkout", "-q", "--orphan", "anew")
    else:
        authors.git("reset", "-q", "--hard", "HEAD~1")
    authors.put("README.md", "anew\n")
    new = authors.commit()
    authors.git("branch", "-M", "main")
    assert update(learner).returncode == 0
    assert learner.git("rev-parse", "HEAD").strip() == new
    assert learner.text("README.md") == "anew\n"
    assert learner.cells()["exercise"] == "mine"


def test_a_file_that_became_a_folder_and_back(authors: Repository, learner: Repository) -> None:
    (authors.root / "old.txt").unlink()
    authors.put("old.txt/inner.txt", "new\n")
    authors.commit()
    assert update(learner).returncode == 0
    assert learner.text("old.txt/inner.txt") == "new\n"
    shutil.rmtree(authors.root / "old.txt")
    authors.put("old.txt", "old again\n")
    authors.commit()
    assert update(learner).returncode == 0
    assert learner.text("old.txt") == "old again\n"
    assert learner.git("status", "--porcelain") == ""


@pytest.mark.parametrize("words", [["rm", "--cached"], ["update-index", "--skip-worktree"], []])
def test_an_edit_that_the_index_does_not_know_is_kept(
    authors: Repository, learner: Repository, words: list[str]
) -> None:
    authors.put("README.md", "new\n")
    authors.edit("end", "theirs")
    authors.commit()
    learner.edit("exercise", "mine")
    if words:
        learner.git(*words, CHAPTER)
    else:
        (learner.root / ".git" / "index").unlink()
    assert update(learner).returncode == 0
    assert learner.text("README.md") == "new\n"
    assert learner.cells() == {"intro": "1", "exercise": "mine", "end": "theirs"}


def test_local_commits_are_merged_the_same_way(authors: Repository, learner: Repository) -> None:
    learner.edit("exercise", "committed")
    mine = learner.commit("my solution")
    learner.git("config", "user.name", "Ana")
    learner.git("config", "user.email", "ana@example.org")
    learner.edit("end", "not committed")
    authors.put(CHAPTER, notebook(intro="better", exercise="def f(): ...", end="3"))
    new = authors.commit()
    updated(learner)
    cells = {"intro": "better", "exercise": "committed", "end": "not committed"}
    assert learner.cells() == cells
    assert learner.git("log", "-1", "--format=%P").split() == [mine, new]
    kept = json.loads(learner.git("show", f"HEAD:{CHAPTER}"))
    assert "".join(kept["cells"][2]["source"]) == "3", "what was not committed still is not"
    assert learner.git("status", "--porcelain").split() == ["M", CHAPTER]


def test_local_commits_and_nothing_newer(authors: Repository, learner: Repository) -> None:
    learner.edit("exercise", "committed")
    mine = learner.commit()
    assert "0 files changed" in updated(learner)
    assert learner.git("rev-parse", "HEAD").strip() == mine


def test_the_files_as_they_were_can_be_had_back(authors: Repository, learner: Repository) -> None:
    learner.edit("exercise", "mine")
    before = learner.text(CHAPTER)
    authors.put(CHAPTER, notebook(intro="2", exercise="theirs", end="3"))
    authors.commit()
    assert "git show refs/workbook/before-update:PATH" in updated(learner)
    assert learner.git("show", f"refs/workbook/before-update:{CHAPTER}") == before


def test_what_was_staged_is_not_lost(authors: Repository, learner: Repository) -> None:
    learner.put("notebooks/07_own.ipynb", notebook(a="staged"))
    learner.edit("exercise", "staged too")
    learner.git("add", "-A")
    authors.put("README.md", "new\n")
    authors.commit()
    updated(learner)
    assert learner.cells("notebooks/07_own.ipynb") == {"a": "staged"}
    assert learner.cells()["exercise"] == "staged too"


def test_an_update_cut_off_before_its_end_is_completed_by_the_next(
    authors: Repository, learner: Repository
) -> None:
    learner.edit("exercise", "mine")
    authors.put(CHAPTER, notebook(intro="2", exercise="def f(): ...", end="3"))
    authors.commit()
    head = learner.git("rev-parse", "HEAD").strip()
    updated(learner)
    learner.git("reset", "-q", head)  # as if the branch had not been moved any more
    updated(learner)
    assert learner.cells() == {"intro": "2", "exercise": "mine", "end": "3"}


def test_offline_nothing_changes_and_it_says_so(authors: Repository, learner: Repository) -> None:
    learner.edit("exercise", "mine")
    before = learner.text(CHAPTER)
    authors.root.rename(authors.root.with_name("gone"))
    done = update(learner)
    assert done.returncode == 1
    assert "nothing was changed. Is this machine offline?" in done.stderr
    assert learner.text(CHAPTER) == before


def test_a_branch_that_is_gone_is_said_not_taken_for_nothing_new(
    authors: Repository, learner: Repository
) -> None:
    learner.edit("exercise", "mine")
    before = learner.text(CHAPTER)
    authors.git("branch", "-m", "main", "trunk")
    done = update(learner)
    assert done.returncode == 1
    assert "Could not fetch origin/main; nothing was changed." in done.stderr
    assert "git ls-remote --heads origin" in done.stderr
    assert learner.text(CHAPTER) == before


def test_a_folder_that_is_no_clone_is_told_what_to_do(learner: Repository) -> None:
    shutil.rmtree(learner.root / ".git")
    done = update(learner)
    assert done.returncode == 1
    assert "is not a git clone" in done.stderr
    assert "Clone the workbook" in done.stderr


def test_a_folder_inside_another_repository_is_no_clone_either(
    authors: Repository, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "tools", authors.root / "unpacked" / "tools")
    done = update(Repository(authors.root / "unpacked"))
    assert done.returncode == 1
    assert "is not a git clone" in done.stderr


def test_a_branch_without_a_remote_is_named(learner: Repository) -> None:
    learner.git("switch", "-q", "-c", "my-branch")
    done = update(learner)
    assert done.returncode == 1
    assert "my-branch" in done.stderr
    assert "git switch main" in done.stderr


def test_an_unfinished_merge_is_left_alone(authors: Repository, learner: Repository) -> None:
    learner.put("README.md", "mine\n")
    learner.commit()
    authors.put("README.md", "theirs\n")
    authors.commit()
    learner.git("fetch", "-q")
    with pytest.raises(subprocess.CalledProcessError):
        learner.git("merge", "origin/main")
    done = update(learner)
    assert done.returncode == 1
    assert "MERGE_HEAD" in done.stderr
