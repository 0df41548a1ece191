# rejected by: leaves_other_names_alone
# Cuts at the first dot: csv.test.py is no module csv.
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path


def fixed(name):
    return BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)


def shadowing(folder):
    names = {
        p.name.split(".")[0] if p.is_file() else p.name
        for p in Path(folder).iterdir()
        if p.is_file() and p.suffix == ".py" or (p / "__init__.py").is_file()
    }
    return sorted(n for n in names & sys.stdlib_module_names if not fixed(n))
