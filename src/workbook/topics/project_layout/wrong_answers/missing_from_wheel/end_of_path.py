# rejected by: compares_whole_paths
# Takes any path that ends alike for the file, so that a copy under src/ or other/ hides the loss.
import zipfile
from pathlib import Path


def missing_from_wheel(package, wheel):
    package = Path(package)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = (path.relative_to(package.parent) for path in package.rglob("*") if path.is_file())
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(path for path in wanted if not any(name.endswith(path) for name in packed))
