# rejected by: reads_from_a_zip
# Goes to a path beside __file__, which in a zip archive no file system can open.
from importlib import import_module
from pathlib import Path


def templates(package):
    folder = Path(import_module(package).__file__).parent / "templates"
    if not folder.is_dir():
        return []
    return sorted(path.name.removesuffix(".txt") for path in folder.iterdir() if path.name.endswith(".txt"))


def template(package, name):
    if name not in templates(package):
        raise LookupError(name)
    return (Path(import_module(package).__file__).parent / "templates" / f"{name}.txt").read_text("utf-8")
