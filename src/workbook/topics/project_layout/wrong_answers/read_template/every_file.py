# rejected by: lists_templates_alone
# Lists every file without its suffix, so that a logo becomes a template.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.iterdir()]
    return sorted(name.removesuffix(".txt") for name in names)


def template(package, name):
    if name not in templates(package):
        raise LookupError(f"{package} has no template {name!r}")
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
