# rejected by: prefers_final_releases
# Drops the yanked after the choice between final and pre-release: nothing is left.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
    here = {
        c["version"]: c
        for c in candidates
        if SpecifierSet(c.get("requires_python") or "").contains(python)
    }
    fitting = [v for v in wanted.filter(here) if pinned or not here[v].get("yanked")]
    if not fitting:
        raise LookupError(requirement)
    return max(fitting, key=Version)
