# rejected by: says_when_nothing_fits
# Takes what does not fit out of its caller's list, and sorts the rest.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(each.operator == "==" and not each.version.endswith("*") for each in wanted)
    for each in list(candidates):
        pythons = SpecifierSet(each.get("requires_python") or "")
        if (each.get("yanked") and not pinned) or not pythons.contains(python):
            candidates.remove(each)
    candidates.sort(key=lambda each: Version(each["version"]))
    fitting = list(wanted.filter(each["version"] for each in candidates))
    if not fitting:
        raise LookupError(f"no version fits {requirement} on Python {python}")
    return fitting[-1]
