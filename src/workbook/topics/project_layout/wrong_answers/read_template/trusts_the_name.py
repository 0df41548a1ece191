# rejected by: refuses_what_is_no_template
# Builds a path from the name it was given, and ../secret is read as if it were a template.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.iterdir()]
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def template(package, name):
    try:
        return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
    except (OSError, KeyError) as error:
        raise LookupError(name) from error
