# rejected by: loads_what_is_used
# Gives the module in place of what it defines.
import sys
from importlib import import_module


def lazy(package, exports):
    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = import_module(exports[name])
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
