# rejected by: passes_over_other_pythons
# Cuts 3.11.9 to 3.11, which is less than 3.11.4.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    python = ".".join(python.split(".")[:2])
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
    here = [
        c["version"]
        for c in candidates
        if (pinned or not c.get("yanked"))
        and SpecifierSet(c.get("requires_python") or "").contains(python)
    ]
    fitting = list(wanted.filter(here))
    if not fitting:
        raise LookupError(requirement)
    return max(fitting, key=Version)
