# rejected by: leaves_other_names_alone
# Goes by the part before the dot, whatever comes after it.
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path


def shadowing(folder):
    names = {path.name.split(".")[0] for path in Path(folder).iterdir() if path.is_file() or (path / "__init__.py").is_file()}
    known = names & set(sys.stdlib_module_names)
    return sorted(name for name in known if not BuiltinImporter.find_spec(name) and not FrozenImporter.find_spec(name))
