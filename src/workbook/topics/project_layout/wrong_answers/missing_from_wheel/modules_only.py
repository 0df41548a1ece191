# rejected by: names_what_is_missing
# Looks for modules alone, and data are what wheels lose most often.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*.py") if path.is_file())
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(wanted - packed)
