# rejected by: tells_packages_from_similar_names
# startswith compares letters: shed.services begins with shed.service and lies elsewhere.
def layer_violations(imports, layers):
    def place(module):
        for n, layer in enumerate(layers):
            if module.startswith(layer):
                return n
        return None

    found = []
    for importer, imported in imports:
        here, there = place(importer), place(imported)
        if here is not None and there is not None and there < here:
            found.append((importer, imported))
    return sorted(found)
