# rejected by: finds_added_tasks
# Looks for the tasks in the folder where somebody happens to stand.
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
import os
import sys

import shed.tasks
from shed.jobs import JOBS, run

for file in os.listdir("shed/tasks"):
    if file.endswith(".py") and file != "__init__.py":
        importlib.import_module("shed.tasks." + file[:-3])
if len(sys.argv) < 2 or sys.argv[1] not in JOBS:
    print(*sorted(JOBS), sep="\n", file=sys.stderr)
    sys.exit(2)
print(run(sys.argv[1]))
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""
