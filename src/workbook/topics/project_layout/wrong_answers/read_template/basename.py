# rejected by: refuses_what_is_no_template
# Repairs a bad name in the place of refusing it, so that ../welcome gives the text of welcome.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
    if not folder.is_dir():
        return []
    names = [each.name for each in folder.iterdir() if each.is_file()]
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def template(package, name):
    name = name.rpartition("/")[2]
    if name not in templates(package):
        raise LookupError(name)
    return (files(package) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
