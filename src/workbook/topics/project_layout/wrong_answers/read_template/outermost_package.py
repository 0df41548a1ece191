# rejected by: reads_from_a_folder
# __import__('shop.mail') gives shop, and not shop.mail.
from importlib.resources import files


def templates(package):
    folder = files(__import__(package)) / "templates"
    if not folder.is_dir():
        return []
    return sorted(
        e.name.removesuffix(".txt")
        for e in folder.iterdir()
        if e.is_file() and e.name.endswith(".txt")
    )


def template(package, name):
    if name not in templates(package):
        raise LookupError(name)
    return (files(__import__(package)) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
