# rejected by: leaves_other_names_alone
# Asks whether a module of that name is installed, which third-party ones are as well.
from importlib.util import find_spec
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path


def fixed(name):
    return BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)


def shadowing(folder):
    names = {
        p.stem if p.is_file() else p.name
        for p in Path(folder).iterdir()
        if p.is_file() and p.suffix == ".py" or (p / "__init__.py").is_file()
    }
    return sorted(n for n in names if not fixed(n) and find_spec(n))
