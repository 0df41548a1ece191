# rejected by: has_no_cycle
# Cuts the other arrow: now members imports loans, as before, and loans is told whom to ask.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/members.py
from shed import loans

MEMBERS = {}
LEAVING = [loans.end_loans]


def join(name):
    MEMBERS[name] = "active"


def is_active(name):
    return MEMBERS.get(name) == "active"


def on_leave(callback):
    LEAVING.append(callback)


def leave(name):
    for callback in LEAVING:
        callback(name)
    MEMBERS[name] = "left"


loans.ask(is_active)
# file: shed/loans.py
LOANS = []
ASK = []


def ask(function):
    ASK.append(function)


def lend(name, tool):
    if not ASK[0](name):
        raise PermissionError(name)
    LOANS.append((name, tool))


def end_loans(name):
    LOANS[:] = [loan for loan in LOANS if loan[0] != name]
# file: shed/main.py
from shed import loans, members
"""
