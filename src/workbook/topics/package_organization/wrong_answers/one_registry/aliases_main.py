# rejected by: runs_a_job
# Gives the started module its second name by hand; and `python -m shed` is still missing.
PROJECT = r"""
# file: shed/__init__.py
# file: shed/jobs.py
import sys

JOBS = {}


def job(function):
    JOBS[function.__name__] = function
    return function


def run(name):
    return JOBS[name]()


if __name__ == "__main__":
    sys.modules["shed.jobs"] = sys.modules["__main__"]
    import shed.tasks.nightly

    print(run(sys.argv[1]))
# file: shed/tasks/__init__.py
# file: shed/tasks/nightly.py
from shed.jobs import job


@job
def remind():
    return "3 reminders sent"
"""
