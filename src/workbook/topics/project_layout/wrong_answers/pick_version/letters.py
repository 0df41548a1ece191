# rejected by: prefers_final_releases
# Finds the pre-release in the text, and takes the b of a project's name for a beta.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
    fits = [
        c["version"]
        for c in candidates
        if (pinned or not c.get("yanked"))
        and SpecifierSet(c.get("requires_python") or "").contains(python)
        and wanted.contains(c["version"], prereleases=True)
    ]
    asks = any(x in requirement for x in ("a", "b", "rc"))
    finals = [v for v in fits if not Version(v).is_prerelease]
    chosen = fits if asks else finals or fits
    if not chosen:
        raise LookupError(requirement)
    return max(chosen, key=Version)
