# rejected by: compares_whole_paths
# Takes what comes after /src/, which not every package lies in.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [
        p.as_posix().split("/src/")[-1]
        for p in Path(package).rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    ]
    return sorted(set(files) - packed)
