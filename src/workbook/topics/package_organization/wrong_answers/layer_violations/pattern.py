# rejected by: tells_packages_from_similar_names
# A dot in a pattern stands for any character: shed_models.loans fits shed.models.
import re
def layer_violations(imports, layers):
    def place(m):
        for n, l in enumerate(layers):
            if re.match(rf"{l}(\.|$)", m):
                return n
    return sorted((a, b) for a, b in imports if place(a) is not None and place(b) is not None and place(b) < place(a))
