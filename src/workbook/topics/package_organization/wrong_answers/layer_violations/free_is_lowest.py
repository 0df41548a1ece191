# rejected by: ignores_modules_in_no_layer
# Takes what is in no layer for the lowest one.
def layer_violations(imports, layers):
    def place(module):
        for n, layer in enumerate(layers):
            if module == layer or module.startswith(f"{layer}."):
                return n
        return len(layers)

    found = []
    for importer, imported in imports:
        here, there = place(importer), place(imported)
        if here is not None and there is not None and there < here:
            found.append((importer, imported))
    return sorted(found)
