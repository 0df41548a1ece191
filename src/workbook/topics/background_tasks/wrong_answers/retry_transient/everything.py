# rejected by: fails_at_once_on_anything_else
# A bug is retried like a bad network: it fails all the same, only later.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except Exception:
            if n == tries:
                raise
            pause(n)
