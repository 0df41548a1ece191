# rejected by: lists_templates_alone
# A folder whose name ends with .txt is listed, and cannot be read.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    return sorted(e.name.removesuffix(".txt") for e in folder.iterdir() if e.name.endswith(".txt"))


def template(package, name):
    if name not in templates(package):
        raise LookupError(name)
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
