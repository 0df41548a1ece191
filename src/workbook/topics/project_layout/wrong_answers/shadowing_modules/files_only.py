# rejected by: finds_files_and_packages
# Looks at files and overlooks packages.
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path


def found_before_any_folder(name):
    return BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)


def shadowing(folder):
    folder = Path(folder)
    return sorted(
        name
        for name in sys.stdlib_module_names
        if not found_before_any_folder(name)
        and ((folder / f"{name}.py").is_file())
    )
