# rejected by: compares_whole_paths
# The example's name stands for every package's.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [
        f"shop/{p.relative_to(package).as_posix()}"
        for p in package.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    ]
    return sorted(set(files) - packed)
