# rejected by: compares_whole_paths
# Compares names without folders: one __init__.py in the wheel stands for all of them.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = {Path(name).name for name in archive.namelist()}
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    missing = [path for path in files if path.name not in packed]
    return sorted(path.relative_to(package.parent).as_posix() for path in missing)
