# rejected by: names_what_is_missing
# Goes by the suffix .pyc, and overlooks a compiled module that is shipped on purpose.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [
        p.relative_to(package.parent).as_posix()
        for p in package.rglob("*")
        if p.is_file() and p.suffix != ".pyc"
    ]
    return sorted(set(files) - packed)
