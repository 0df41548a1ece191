# rejected by: passes_over_other_pythons
# Reads requires_python as if it were always one lower bound.
from packaging.requirements import Requirement
from packaging.version import Version


def pick(requirement, candidates, python):
    wanted = Requirement(requirement).specifier
    pinned = any(s.operator == "==" and not s.version.endswith("*") for s in wanted)
    here = [
        c["version"]
        for c in candidates
        if (pinned or not c.get("yanked"))
        and Version(python) >= Version((c.get("requires_python") or ">=0").removeprefix(">="))
    ]
    fitting = list(wanted.filter(here))
    if not fitting:
        raise LookupError(requirement)
    return max(fitting, key=Version)
