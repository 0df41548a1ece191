# rejected by: lists_templates_alone
# Goes down into further folders; their files are no templates.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.rglob("*.txt") if each.is_file()]
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def template(package, name):
    if name not in templates(package):
        raise LookupError(name)
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
