# rejected by: lists_templates_alone
# Cuts names at their first dot: v1.2.txt becomes v1.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.iterdir()]
    return sorted(name.split(".")[0] for name in names if name.endswith(".txt"))


def template(package, name):
    if name not in templates(package):
        raise LookupError(f"{package} has no template {name!r}")
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
