# rejected by: lists_jobs_when_the_name_is_unknown
# An unknown name ends in a traceback and exit code 1.
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
    print(run(sys.argv[1]))


main()
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""
