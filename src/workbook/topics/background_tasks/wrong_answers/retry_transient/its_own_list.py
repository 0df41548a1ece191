# rejected by: fails_at_once_on_anything_else
# It has its own list of what may pass, and ignores the caller's.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except (ConnectionError, TimeoutError):
            if n == tries:
                raise
            pause(n)
