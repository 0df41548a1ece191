# rejected by: lists_templates_alone
# Forbids some characters in the place of asking the list: a folder old.txt is opened.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.iterdir() if each.is_file()]
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def template(package, name):
    if ".." in name or "/" in name or "\\" in name:
        raise LookupError(name)
    try:
        return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LookupError(name) from error
