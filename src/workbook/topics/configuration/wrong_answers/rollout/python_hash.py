# rejected by: agrees_between_processes
# The hash of a text is salted for each process, so the answer changes with the worker.
def is_on(flag, user, percent):
    return hash((flag, user)) % 10_000 < percent * 100
