# rejected by: lists_jobs_when_the_name_is_unknown
# sys.exit() with a text prints it, and exits with 1.
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
        sys.exit("\n".join(sorted(JOBS)))
    print(run(sys.argv[1]))


main()
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""
