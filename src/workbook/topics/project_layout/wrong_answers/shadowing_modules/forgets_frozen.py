# rejected by: knows_what_cannot_be_hidden
# Reports os.py and abc, which Python has frozen and never looks for in a folder.
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path


def found_before_any_folder(name):
    return BuiltinImporter.find_spec(name)


def shadowing(folder):
    folder = Path(folder)
    return sorted(
        name
        for name in sys.stdlib_module_names
        if not found_before_any_folder(name)
        and ((folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file())
    )
