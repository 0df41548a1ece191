# rejected by: passes_over_the_yanked
# Looks for a * anywhere in the requirement, and overlooks the pin beside it.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = "==" in requirement and "*" not in requirement
    fits = [
        c["version"]
        for c in candidates
        if (pinned or not c.get("yanked"))
        and SpecifierSet(c.get("requires_python") or "").contains(python)
        and wanted.contains(c["version"], prereleases=True)
    ]
    asks = any(Version(s.version.removesuffix(".*")).is_prerelease for s in wanted)
    finals = [v for v in fits if not Version(v).is_prerelease]
    chosen = fits if asks else finals or fits
    if not chosen:
        raise LookupError(requirement)
    return max(chosen, key=Version)
