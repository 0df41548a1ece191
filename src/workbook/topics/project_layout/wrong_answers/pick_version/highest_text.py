# rejected by: compares_versions_as_versions
# Compares versions as texts, in which 1.9 comes after 1.10.
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(each.operator == "==" and not each.version.endswith("*") for each in wanted)
    installable = [
        each["version"]
        for each in candidates
        if (pinned or not each.get("yanked"))
        and SpecifierSet(each.get("requires_python") or "").contains(python)
    ]
    fitting = list(wanted.filter(installable))
    if not fitting:
        raise LookupError(f"no version fits {requirement} on Python {python}")
    return max(fitting)
