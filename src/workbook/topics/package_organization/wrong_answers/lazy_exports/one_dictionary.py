# rejected by: refuses_unknown_names
# All packages share one table of exports.
import sys
from importlib import import_module

EXPORTS = {}


def lazy(package, exports):
    EXPORTS.update(exports)

    def __getattr__(name):
        if name not in EXPORTS:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(EXPORTS[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
