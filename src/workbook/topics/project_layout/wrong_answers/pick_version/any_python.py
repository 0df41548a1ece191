# rejected by: passes_over_other_pythons
# Ignores requires_python, and proposes what cannot be installed.
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
        and True
    ]
    fitting = list(wanted.filter(installable))
    if not fitting:
        raise LookupError(f"no version fits {requirement} on Python {python}")
    return max(fitting, key=Version)
