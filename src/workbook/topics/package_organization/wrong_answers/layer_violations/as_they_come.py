# rejected by: returns_a_sorted_list
# Leaves the violations in the order of the imports.
def layer_violations(imports, layers):
    def place(module):
        for n, layer in enumerate(layers):
            if module == layer or module.startswith(f"{layer}."):
                return n
        return None

    found = []
    for importer, imported in imports:
        here, there = place(importer), place(imported)
        if here is not None and there is not None and there < here:
            found.append((importer, imported))
    return found
