# rejected by: compares_whole_paths
# Cuts the path at the last folder of the package's name, which may be one within it.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (
        Path(package.name + "/" + path.as_posix().rpartition(f"/{package.name}/")[2])
        for path in package.rglob("*")
        if path.is_file()
    )
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(wanted - packed)
