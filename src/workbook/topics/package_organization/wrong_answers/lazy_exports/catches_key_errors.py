# rejected by: passes_errors_on
# The `try` is around the import too: a KeyError in the module reads like a name that is not exported.
import sys
from importlib import import_module


def lazy(package, exports):
    def __getattr__(name):
        try:
            value = getattr(import_module(exports[name]), name)
        except KeyError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
