# rejected by: finds_files_and_packages
# Leaves out names with an underscore; _strptime.py breaks datetime all the same.
import sys
from pathlib import Path
from importlib.machinery import BuiltinImporter, FrozenImporter


def shadowing(folder):
    folder = Path(folder)
    return sorted(
        n
        for n in sys.stdlib_module_names
        if not n.startswith("_")
        and not BuiltinImporter.find_spec(n)
        and not FrozenImporter.find_spec(n)
        and ((folder / f"{n}.py").is_file() or (folder / n / "__init__.py").is_file())
    )
