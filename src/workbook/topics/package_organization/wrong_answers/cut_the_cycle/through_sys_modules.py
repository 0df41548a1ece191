# rejected by: works_without_loans
# No import, and it knows the module and its function by name.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/members.py
import sys

MEMBERS = {}
LEAVING = []


def join(name):
    MEMBERS[name] = "active"


def is_active(name):
    return MEMBERS.get(name) == "active"


def on_leave(callback):
    LEAVING.append(callback)


def leave(name):
    loans = sys.modules.get("shed.loans")
    if loans:
        loans.end_loans(name)
    for callback in LEAVING:
        callback(name)
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
"""
