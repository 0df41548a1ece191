# rejected by: tells_packages_from_similar_names
# Looks for the package anywhere in the name: other.shed.models.loans holds it, and lies elsewhere.
def layer_violations(imports, layers):
    def place(m):
        for n, l in enumerate(layers):
            if m == l or l + "." in m:
                return n
    return sorted((a, b) for a, b in imports if place(a) is not None and place(b) is not None and place(b) < place(a))
