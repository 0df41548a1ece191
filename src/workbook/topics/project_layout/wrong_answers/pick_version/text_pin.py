# rejected by: compares_versions_as_versions
# Compares a pin as text: 1.2.0 is the same version as 1.2.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    name, is_pin, version = requirement.partition("==")
    if is_pin and "*" not in version and "," not in requirement:
        for c in candidates:
            if c["version"] == version and SpecifierSet(c.get("requires_python") or "").contains(
                python
            ):
                return version
        raise LookupError(requirement)
    wanted = Requirement(requirement).specifier
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
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
