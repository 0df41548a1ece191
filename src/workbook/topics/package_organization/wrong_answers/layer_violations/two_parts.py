# rejected by: takes_layers_of_any_depth
# Right for packages of two words, as in the example, and for no others.
def layer_violations(imports, layers):
    place = {layer: n for n, layer in enumerate(layers)}

    def level(m):
        return place.get(".".join(m.split(".")[:2]), -1)

    return sorted(p for p in imports if 0 <= level(p[1]) < level(p[0]))
