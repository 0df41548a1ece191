# rejected by: knows_what_cannot_be_hidden
# A list of frozen modules by hand: those one has heard of.
import sys
from pathlib import Path

NEVER = {*sys.builtin_module_names, "os", "io", "abc"}


def shadowing(folder):
    folder = Path(folder)
    return sorted(
        n
        for n in sys.stdlib_module_names - NEVER
        if (folder / f"{n}.py").is_file() or (folder / n / "__init__.py").is_file()
    )
