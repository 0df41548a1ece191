# rejected by: leaves_caches_and_folders_out
# Reports compiled files, which no wheel is meant to have.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*") if path.is_file())
    wanted = {path.as_posix() for path in files}
    return sorted(wanted - packed)
