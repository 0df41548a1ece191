# rejected by: finds_an_import_upwards
# The list begins at the top, so a larger position is further down.
def layer_violations(imports, layers):
    def place(module):
        for n, layer in enumerate(layers):
            if module == layer or module.startswith(f"{layer}."):
                return n
        return None

    found = []
    for importer, imported in imports:
        here, there = place(importer), place(imported)
        if here is not None and there is not None and there > here:
            found.append((importer, imported))
    return sorted(found)
