# rejected by: pauses_between_tries_only
# The caller waits for a pause after which nothing is tried.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except transient:
            pause(n)
            if n == tries:
                raise
