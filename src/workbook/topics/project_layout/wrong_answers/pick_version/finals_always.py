# rejected by: prefers_final_releases
# Prefers a final release also for those who ask for a pre-release.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
    fitting = [
        c["version"]
        for c in candidates
        if (pinned or not c.get("yanked"))
        and SpecifierSet(c.get("requires_python") or "").contains(python)
        and wanted.contains(c["version"], prereleases=True)
    ]
    finals = [v for v in fitting if not Version(v).is_prerelease]
    if not fitting:
        raise LookupError(requirement)
    return max(finals or fitting, key=Version)
