# rejected by: finds_added_tasks
# A list of imports, which the next task will be missing from.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/jobs.py
JOBS = {}


def job(function):
    JOBS[function.__name__] = function
    return function


def run(name):
    return JOBS[name]()
# file: shed/__main__.py
import importlib
import pkgutil
import sys

import shed.tasks
from shed.jobs import JOBS, run


def main():
    importlib.import_module("shed.tasks.nightly")
    if len(sys.argv) < 2 or sys.argv[1] not in JOBS:
        print(*sorted(JOBS), sep="\n", file=sys.stderr)
        sys.exit(2)
    print(run(sys.argv[1]))


main()
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""
