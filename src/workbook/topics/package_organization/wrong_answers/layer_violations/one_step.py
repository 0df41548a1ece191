# rejected by: lets_layers_be_skipped
# Allows only the next layer down, which is a closed layers contract.
def layer_violations(imports, layers):
    def place(module):
        for n, layer in enumerate(layers):
            if module == layer or module.startswith(f"{layer}."):
                return n
        return None

    found = []
    for importer, imported in imports:
        here, there = place(importer), place(imported)
        if here is not None and there is not None and there not in (here, here + 1):
            found.append((importer, imported))
    return sorted(found)
