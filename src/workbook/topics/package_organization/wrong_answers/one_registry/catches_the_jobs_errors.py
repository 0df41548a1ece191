# rejected by: keeps_the_list_for_unknown_names
# A KeyError inside a job is taken for an unknown name.
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

for found in pkgutil.iter_modules(shed.tasks.__path__):
    importlib.import_module(f"shed.tasks.{found.name}")
try:
    print(run(sys.argv[1]))
except (IndexError, KeyError):
    print(*sorted(JOBS), sep="\n", file=sys.stderr)
    sys.exit(2)
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""
