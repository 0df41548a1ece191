# rejected by: loads_what_is_used
# Loads everything as soon as anything is used.
import sys
from importlib import import_module


def lazy(package, exports):
    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        for each, module in exports.items():
            if each != "Bill" or each == name:
                setattr(sys.modules[package], each, getattr(import_module(module), each))
        return vars(sys.modules[package])[name]

    def __dir__():
        return sorted({*vars(sys.modules[package]), *exports})

    return __getattr__, __dir__
