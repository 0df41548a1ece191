# rejected by: lists_its_names
# A loaded name is in the package and among the exports: dir() lists it twice.
import importlib, sys
def lazy(package, exports):
    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        m = importlib.import_module(exports[name])
        setattr(sys.modules[package], name, getattr(m, name))
        return getattr(m, name)
    return __getattr__, lambda: [*vars(sys.modules[package]), *exports]
