# rejected by: leaves_caches_and_folders_out
# Looks for __pycache__ anywhere in the text, also in the middle of another name.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*") if path.is_file())
    wanted = {path.as_posix() for path in files if "__pycache__" not in str(path)}
    return sorted(wanted - packed)
