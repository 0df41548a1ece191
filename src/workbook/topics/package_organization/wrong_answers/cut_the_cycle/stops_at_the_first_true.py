# rejected by: calls_every_callback
# any() stops at the first callback that returns something true.
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
    any(callback(name) for callback in LEAVING)
    MEMBERS[name] = "left"
# file: shed/loans.py
from shed import members

LOANS = []


def lend(name, tool):
    if not members.is_active(name):
        raise PermissionError(name)
    LOANS.append((name, tool))


def end_loans(name):
    LOANS[:] = [loan for loan in LOANS if loan[0] != name]
# file: shed/main.py
from shed import loans, members

members.on_leave(loans.end_loans)
"""
