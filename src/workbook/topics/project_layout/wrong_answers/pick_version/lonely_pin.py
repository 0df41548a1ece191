# rejected by: passes_over_the_yanked
# Takes >=1,==2.0 for no pin, since it says something else, too.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = len(wanted) == 1 and all(
        s.operator == "==" and not s.version.endswith("*") for s in wanted
    )
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
