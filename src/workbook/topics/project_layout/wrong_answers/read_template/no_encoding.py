# rejected by: reads_utf_8_in_any_locale
# Right on a developer's machine; a server in the locale C reads ASCII by default.
from importlib.resources import files


def templates(package):
    folder = files(package) / "templates"
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
    return (files(package) / "templates" / f"{name}.txt").read_text()
