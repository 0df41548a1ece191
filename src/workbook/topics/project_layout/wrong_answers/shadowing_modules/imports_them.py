# rejected by: runs_nothing
# Imports each candidate to see where it comes from, and so runs the very file that it looks for.
import importlib
import sys
from pathlib import Path


def shadowing(folder):
    folder = Path(folder).resolve()
    found = []
    for name in sorted(sys.stdlib_module_names):
        if not (folder / f"{name}.py").is_file() and not (folder / name / "__init__.py").is_file():
            continue
        sys.path.insert(0, str(folder))
        kept = sys.modules.pop(name, None)
        try:
            module = importlib.import_module(name)
            found += [name] * str(getattr(module, "__file__", "")).startswith(str(folder))
        except SystemExit:
            found.append(name)
        finally:
            sys.path.remove(str(folder))
            if kept:
                sys.modules[name] = kept
    return found
