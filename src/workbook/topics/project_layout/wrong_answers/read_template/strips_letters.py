# rejected by: lists_templates_alone
# rstrip('.txt') takes away letters, not an ending: next.txt becomes ne.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    return sorted(
        e.name.rstrip(".txt") for e in folder.iterdir() if e.is_file() and e.name.endswith(".txt")
    )


def template(package, name):
    if name not in templates(package):
        raise LookupError(name)
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
