# rejected by: knows_that_a_bare_folder_hides_nothing
# Takes any file that begins with __init__ for the one that makes a package.
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path


def fixed(name):
    return BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)


def shadowing(folder):
    names = {
        p.stem if p.is_file() else p.name
        for p in Path(folder).iterdir()
        if p.is_file() and p.suffix == ".py" or p.is_dir() and any(p.glob("__init__.*"))
    }
    return sorted(n for n in names & sys.stdlib_module_names if not fixed(n))
