# rejected by: passes_errors_on
# Turns a library that is not installed into a name that is not there.
import sys
from importlib import import_module


def lazy(package, exports):
    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            value = getattr(import_module(exports[name]), name)
        except ImportError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
