# rejected by: lists_nothing_without_the_folder
# Fails for a package that has no templates.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    names = [each.name for each in folder.iterdir()]
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def template(package, name):
    if name not in templates(package):
        raise LookupError(f"{package} has no template {name!r}")
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
