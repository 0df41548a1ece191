# rejected by: leaves_caches_and_folders_out
# Reports folders too; a zip archive need not name those.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*"))
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(wanted - packed)
