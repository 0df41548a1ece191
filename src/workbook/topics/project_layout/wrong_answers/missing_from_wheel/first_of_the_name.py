# rejected by: compares_whole_paths
# Cuts the path at the first folder of the package's name, which may be the repository's.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (
        Path(*path.parts[path.parts.index(package.name) :])
        for path in package.rglob("*")
        if path.is_file()
    )
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(wanted - packed)
