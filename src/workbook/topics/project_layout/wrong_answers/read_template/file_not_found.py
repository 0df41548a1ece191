# rejected by: refuses_what_is_no_template
# Raises FileNotFoundError, which is an OSError and no LookupError.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.iterdir()]
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def template(package, name):
    if name not in templates(package):
        raise FileNotFoundError(f"{package} has no template {name!r}")
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
