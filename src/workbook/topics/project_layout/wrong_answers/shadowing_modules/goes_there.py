# rejected by: takes_a_text_or_a_path
# Changes the current folder of its caller, for whom the next relative path leads elsewhere.
import sys, os
from pathlib import Path
from importlib.machinery import BuiltinImporter, FrozenImporter


def shadowing(folder):
    os.chdir(folder)
    return sorted(
        n
        for n in sys.stdlib_module_names
        if not BuiltinImporter.find_spec(n)
        and not FrozenImporter.find_spec(n)
        and (os.path.isfile(f"{n}.py") or os.path.isfile(f"{n}/__init__.py"))
    )
