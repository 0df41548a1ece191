# rejected by: takes_text_and_paths
# Works with a Path and not with a text, which is what a command line gives.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*") if path.is_file())
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(wanted - packed)
