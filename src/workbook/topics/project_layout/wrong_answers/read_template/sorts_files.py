# rejected by: lists_templates_alone
# Sorts the files and then cuts: bye-bye.txt comes before bye.txt, and bye before bye-bye.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = sorted(each.name for each in folder.iterdir() if each.is_file())
    return [name.removesuffix(".txt") for name in names if name.endswith(".txt")]


def template(package, name):
    if name not in templates(package):
        raise LookupError(name)
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
