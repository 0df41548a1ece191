# rejected by: lists_its_names
# Lists a name only once it has been loaded.
import sys
from importlib import import_module


def lazy(package, exports):
    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(exports[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted(vars(sys.modules[package]))

    return __getattr__, __dir__
