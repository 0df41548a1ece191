"""Take a newer version of the workbook from the git remote, and keep what was edited here.

Called by ``run.py update``; needs nothing but Python and git. Files are merged three ways, as git
does, but against the files as they are in the folder, saved or committed or not:

- what only the authors changed is taken, what only the learner changed stays;
- a notebook that both changed is merged cell by cell, other text line by line; where both changed
  the same, the learner's stays and the authors' file is put beside it as ``NAME.upstream.ipynb``;
- a learner's own file whose name the workbook now needs becomes ``NAME.mine.ipynb``;
- a file deleted in the folder comes back, which is how to start a chapter afresh.

Nothing is committed for the learner, and no conflict mark is ever written. The files as they were
are kept under the git name ``refs/workbook/before-update``.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent

Tree = dict[str, tuple[str, str]]  # path -> (mode, blob), as git has them


def say(text: str) -> None:
    """Tell the user what is going on."""
    print(f"update: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    """End with a message that says what is wrong and what to do."""
    say(text)
    raise SystemExit(1)


def git(*arguments: object, index: "Path | None" = None, text: str = "") -> str:
    """Run git in this folder and return what it prints; raise RuntimeError with its own words."""
    env = dict(os.environ, **({"GIT_INDEX_FILE": str(index)} if index else {}))
    words = ["git", "-C", str(ROOT), *(str(word) for word in arguments)]
    data = text.encode("utf-8", "surrogateescape")
    done = subprocess.run(words, input=data, capture_output=True, env=env)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip() or f"{words} failed")
    return done.stdout.decode("utf-8", "surrogateescape")


def read_tree(name: str) -> Tree:
    """List the files of a commit or a tree."""
    listing = git("ls-tree", "-r", "-z", name).split("\0")
    entries = (entry.split("\t", 1) for entry in listing if entry)
    return {path: (about.split()[0], about.split()[2]) for about, path in entries}


def write_tree(files: Tree, index: Path) -> str:
    """Put these files into an index of their own; return the name of their tree."""
    index.unlink(missing_ok=True)
    lines = (f"{mode} {blob}\t{path}\0" for path, (mode, blob) in files.items())
    git("update-index", "-z", "--index-info", index=index, text="".join(lines))
    return git("write-tree", index=index).strip()


def beside(path: str, word: str, taken: Tree) -> str:
    """Return a free name beside a path: ``05_x.mine.ipynb``."""
    old = PurePosixPath(path)
    names = (str(old.with_name(f"{old.stem}.{word}{n or ''}{old.suffix}")) for n in range(10**6))
    return next(name for name in names if name not in taken and not (ROOT / name).exists())


def merge(base: Tree, ours: Tree, theirs: Tree, news: list[str], *, restore: bool = False) -> Tree:
    """Merge file by file: what only they changed is taken, what only we changed stays."""
    result = dict(ours)
    for path in sorted(base.keys() | theirs.keys()):
        old, mine, new = base.get(path), ours.get(path), theirs.get(path)
        if mine == new or (new == old and not (restore and mine is None)):
            continue
        if mine is None and old is not None:
            if restore and new is not None:
                result[path] = new
                news.append(f"{path}: was deleted here, is back")
        elif new is None:
            if mine == old:
                del result[path]
            else:
                news.append(f"{path}: no longer part of the workbook; yours stays")
        elif mine == old:
            result[path] = new
        elif old is None and mine is not None:
            result[path], other = new, beside(path, "mine", result)
            result[other] = mine
            news.append(f"{path}: is new in the workbook; your file of that name is now {other}")
        elif old is not None and mine is not None:
            blob, clean = merge_file(path, old[1], mine[1], new[1])
            result[path] = (mine[0], blob)
            news.append(f"{path}: merged with your edits")
            if not clean:
                other = beside(path, "upstream", result)
                result[other] = new
                news[-1] += f"; where both changed the same, yours stays and theirs is in {other}"
    return result


def merge_file(path: str, old: str, mine: str, new: str) -> tuple[str, bool]:
    """Merge three versions of a file; return the blob, and whether nothing of theirs was left out.

    A notebook is merged cell by cell, other text line by line, and never gets conflict markers.
    """
    texts = [git("cat-file", "blob", blob) for blob in (mine, old, new)]
    if path.endswith(".ipynb"):
        try:
            merged, clean = merge_notebook(*(json.loads(text) for text in texts))
        except (ValueError, KeyError, TypeError):  # not a notebook, or one whose cells have no id
            return mine, False
        text = json.dumps(merged, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    else:
        with tempfile.TemporaryDirectory() as folder:
            names = [Path(folder, name) for name in ("yours", "before", "theirs")]
            for name, content in zip(names, texts, strict=True):
                name.write_bytes(content.encode("utf-8", "surrogateescape"))
            try:
                text, clean = git("merge-file", "-p", *names), True
            except RuntimeError:  # both changed the same lines, or it is binary
                return mine, False
    return git("hash-object", "-w", "--stdin", text=text).strip(), clean


def merge_notebook(
    mine: dict[str, Any], old: dict[str, Any], new: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Merge three versions of a notebook by the ids of its cells; an edited cell stays ours."""
    ours, base, theirs = ({cell["id"]: cell for cell in nb["cells"]} for nb in (mine, old, new))

    def source(cell: dict[str, Any]) -> tuple[str, str]:
        return cell["cell_type"], "".join(cell["source"])

    edited = {k for k, cell in ours.items() if k not in base or source(cell) != source(base[k])}
    cells, clean = [], True
    for key, cell in theirs.items():
        if key not in ours and key in base:
            continue  # deleted here
        if key in edited:
            theirs_too = key not in base or source(cell) != source(base[key])
            clean = clean and not (theirs_too and source(cell) != source(ours[key]))
        keep = key in edited or (key in ours and cell == base.get(key))
        cells.append(ours[key] if keep else cell)
    place = 0
    for key, cell in ours.items():  # cells of our own go after the one that they followed
        if key in edited and key not in theirs:
            cells.insert(place, cell)
            place += 1
        else:
            place = next((i for i, c in enumerate(cells, 1) if c["id"] == key), place)
    return {**new, "cells": cells}, clean


def write_files(before: Tree, after: Tree, index: Path) -> int:
    """Make this folder's files what `after` says, and touch no other; return how many changed."""
    changed = [path for path, entry in after.items() if before.get(path) != entry]
    gone = before.keys() - after.keys()
    for path in gone:  # first: its name may be that of a folder now
        (ROOT / path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            os.removedirs((ROOT / path).parent)
    for path in changed:
        for place in (ROOT / path, *(ROOT / path).parents):
            if place.is_dir() if place == ROOT / path else place.is_file():
                place.rename(ROOT / beside(str(place.relative_to(ROOT)), "mine", after))
    write_tree(after, index)
    git("checkout-index", "-f", "-z", "--stdin", index=index, text="\0".join(changed))
    return len(changed) + len(gone)


def find_base(head: str, new: str) -> str:
    """Return the last commit of the authors' that is here, also where they rewrote theirs since."""
    for words in ("--fork-point", "@{upstream}", head), (head, new):
        with contextlib.suppress(RuntimeError):
            return git("merge-base", *words).strip()
    stop(
        "The workbook's history was written anew, and has nothing in common with this clone's;\n"
        "nothing was changed. Clone it again and copy the notebooks that you edited into the clone."
    )


def take_newer(index: Path) -> None:
    """Fetch, merge into the files of this folder, and move the branch."""
    try:
        top = git("rev-parse", "--show-toplevel").strip()
    except RuntimeError:
        top = os.devnull
    if not Path(top).samefile(ROOT):
        stop(
            f"{ROOT} is not a git clone (was it downloaded as a ZIP file?), so there is nothing\n"
            "to update from. Clone the workbook and copy the notebooks that you edited into the\n"
            "clone; your answers are kept outside this folder and stay."
        )
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply"):
        if (ROOT / git("rev-parse", "--git-path", name).strip()).exists():
            stop(f"An unfinished git operation is in the way ({name}); finish it first: git status")
    try:
        branch = git("rev-parse", "--abbrev-ref", "@{upstream}").strip()
    except RuntimeError as error:
        stop(f"This branch follows no remote branch: {error}\nGo back to one:  git switch main")
    say(f"Asking {branch} for a newer version.")
    name = git("rev-parse", "--abbrev-ref", "HEAD").strip()
    source = [git("config", f"branch.{name}.{key}").strip() for key in ("remote", "merge")]
    try:
        git("fetch", "--quiet", *source)  # by name: it fails where the branch is gone
    except RuntimeError as error:
        stop(
            f"{error}\nCould not fetch {branch}; nothing was changed. Is this machine offline?\n"
            f"Branches that there are:  git ls-remote --heads {source[0]}"
        )
    head, new = (git("rev-parse", name).strip() for name in ("HEAD", "@{upstream}"))
    base = find_base(head, new)
    here, theirs, news = read_tree(head), read_tree(new), []  # type: Tree, Tree, list[str]
    git("read-tree", head, index=index)  # not its own index: what that says of files may be wrong
    git("add", "-u", index=index)
    for path in theirs.keys() - here.keys():  # untracked here, and in the way
        if (ROOT / path).is_file():
            git("add", "-f", "--", path, index=index)
    work = git("write-tree", index=index).strip()
    git("update-ref", "refs/workbook/before-update", work)
    commit, target = new, theirs
    if base != head:  # commits of our own
        commit, target = head, merge(read_tree(base), here, theirs, news)
        if base != new:
            tree = write_tree(target, index)
            words = ["-p", head, "-p", new, "-m", f"Merge {branch}"]
            commit = git("commit-tree", tree, *words).strip()
    files = read_tree(work)
    count = write_files(files, merge(here, files, target, news, restore=True), index)
    if commit != head:
        git("reset", "--quiet", commit)
    say("\n  ".join([f"{head[:7]} -> {commit[:7]}: {count} files changed.", *news]))
    if count:
        say(
            "Reload notebooks that are open. A file as it was before:  "
            "git show refs/workbook/before-update:PATH"
        )


if __name__ == "__main__":
    if not shutil.which("git"):
        stop("git is not installed, and update needs it.")
    try:
        with tempfile.TemporaryDirectory() as folder:
            take_newer(Path(folder, "index"))
    except RuntimeError as error:
        stop(f"git says: {error}\nThe update stopped. Your files are safe.")
