# rejected by: takes_text_and_paths
# os.path.dirname('src/shop/') is 'src/shop': a / at the end changes every name.
import os, zipfile


def missing_from_wheel(package, wheel):
    package = str(package)
    parent = os.path.dirname(package)
    with zipfile.ZipFile(wheel) as z:
        packed = z.namelist()
    missing = []
    for folder, folders, names in os.walk(package):
        if "__pycache__" in folder.split(os.sep):
            continue
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), parent).replace(os.sep, "/")
            if path not in packed:
                missing.append(path)
    return sorted(missing)
