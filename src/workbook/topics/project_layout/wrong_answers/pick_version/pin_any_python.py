# rejected by: passes_over_the_yanked
# Takes a pin for an order to ignore requires_python as well.
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
        and (pinned or SpecifierSet(c.get("requires_python") or "").contains(python))
        and wanted.contains(c["version"], prereleases=True)
    ]
    asks = any(Version(s.version.removesuffix(".*")).is_prerelease for s in wanted)
    finals = [v for v in fits if not Version(v).is_prerelease]
    chosen = fits if asks else finals or fits
    if not chosen:
        raise LookupError(requirement)
    return max(chosen, key=Version)
