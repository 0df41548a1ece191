# rejected by: refuses_unknown_names
# A missing name must be an AttributeError, or hasattr() and `from shop import x` break.
import sys
from importlib import import_module


def lazy(package, exports):
    def __getattr__(name):
        value = getattr(import_module(exports[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__():
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
