# rejected by: names_what_is_missing
# Finds hidden files, and passes over hidden folders.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [p.relative_to(package.parent) for p in package.rglob("*") if p.is_file()]
    files = [
        f for f in files if not any(part.startswith((".", "__pycache__")) for part in f.parts[:-1])
    ]
    return sorted({f.as_posix() for f in files} - packed)
