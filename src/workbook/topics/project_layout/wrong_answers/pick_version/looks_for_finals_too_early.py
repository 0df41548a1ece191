# rejected by: prefers_final_releases
# Drops pre-releases because of a final release that does not fit.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
    here = [
        c["version"]
        for c in candidates
        if (pinned or not c.get("yanked"))
        and SpecifierSet(c.get("requires_python") or "").contains(python)
    ]
    finals = [v for v in here if not Version(v).is_prerelease]
    pool = here if wanted.prereleases or not finals else finals
    fitting = [v for v in pool if wanted.contains(v, prereleases=True)]
    if not fitting:
        raise LookupError(requirement)
    return max(fitting, key=Version)
