# rejected by: has_no_cycle
# Both imports are in functions now: it starts, and the cycle is there.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/members.py
MEMBERS = {}
LEAVING = []


def join(name):
    MEMBERS[name] = "active"


def is_active(name):
    return MEMBERS.get(name) == "active"


def on_leave(callback):
    LEAVING.append(callback)


def leave(name):
    from shed import loans

    loans.end_loans(name)
    for callback in LEAVING:
        callback(name)
    MEMBERS[name] = "left"
# file: shed/loans.py
LOANS = []


def lend(name, tool):
    from shed import members

    if not members.is_active(name):
        raise PermissionError(name)
    LOANS.append((name, tool))


def end_loans(name):
    LOANS[:] = [loan for loan in LOANS if loan[0] != name]
# file: shed/main.py
from shed import loans, members
"""
