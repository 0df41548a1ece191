# rejected by: calls_every_callback
# The second callback replaces the first.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/members.py
MEMBERS = {}
LEAVING = [None]


def join(name):
    MEMBERS[name] = "active"


def is_active(name):
    return MEMBERS.get(name) == "active"


def on_leave(callback):
    LEAVING[0] = callback


def leave(name):
    for callback in LEAVING:
        if callback:
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

members.on_leave(loans.end_loans)
"""
