# rejected by: runs_a_job
# A job that returns 0 seems to return nothing.
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
    for found in pkgutil.iter_modules(shed.tasks.__path__):
        importlib.import_module(f"shed.tasks.{found.name}")
    if len(sys.argv) < 2 or sys.argv[1] not in JOBS:
        print(*sorted(JOBS), sep="\n", file=sys.stderr)
        sys.exit(2)
    if result := run(sys.argv[1]):
        print(result)


main()
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""