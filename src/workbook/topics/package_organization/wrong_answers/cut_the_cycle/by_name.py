# rejected by: works_without_loans
# A string hides the arrow from the graph, and members still needs loans.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/members.py
import importlib

MEMBERS = {}
LEAVING = []


def join(name):
    MEMBERS[name] = "active"


def is_active(name):
    return MEMBERS.get(name) == "active"


def on_leave(callback):
    LEAVING.append(callback)


def leave(name):
    importlib.import_module("shed.loans").end_loans(name)
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
