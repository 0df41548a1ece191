# rejected by: names_what_is_missing
# Sorts paths, part by part, and not the texts: shop/tax/rates.py comes before shop/tax.py.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*") if path.is_file())
    return [
        path.as_posix()
        for path in sorted(files)
        if "__pycache__" not in path.parts and path.as_posix() not in packed
    ]
