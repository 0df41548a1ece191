# rejected by: returns_a_sorted_list
# Sorted by the importer alone.
def layer_violations(imports, layers):
    def level(m):
        return next((i for i, l in enumerate(layers) if (m + ".").startswith(l + ".")), -1)

    return sorted([p for p in imports if 0 <= level(p[1]) < level(p[0])], key=lambda p: p[0])
