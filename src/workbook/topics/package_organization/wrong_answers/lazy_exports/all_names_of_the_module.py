# rejected by: refuses_unknown_names
# Copies all that the module holds into the package, also what is not exported.
import importlib, sys
def lazy(package, exports):
    def __getattr__(name):
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        m = importlib.import_module(exports[name])
        # export all of the module's names at once
        vars(sys.modules[package]).update({k: v for k, v in vars(m).items() if not k.startswith("_")})
        return getattr(m, name)
    return __getattr__, lambda: {*vars(sys.modules[package]), *exports}
