# rejected by: runs_no_file_twice
# The new way in is right, and the old one is there still.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/jobs.py
JOBS = {}


def job(function):
    JOBS[function.__name__] = function
    return function


def run(name):
    return JOBS[name]()


if __name__ == "__main__":
    import sys
    import shed.tasks.nightly

    print(run(sys.argv[1]))
# file: shed/__main__.py
import importlib
import pkgutil
import sys

import shed.tasks
from shed.jobs import JOBS, run

for found in pkgutil.iter_modules(shed.tasks.__path__):
    importlib.import_module(f"shed.tasks.{found.name}")
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
