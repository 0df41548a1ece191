# rejected by: lists_its_names
# The names that the package has at the moment of the call; its later lines are missing.
import sys
from importlib import import_module


def lazy(package, exports):
    names = sorted({*vars(sys.modules[package]), *exports})

    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(exports[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return names

    return __getattr__, __dir__
