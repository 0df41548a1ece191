# rejected by: fails_at_once_on_anything_else
# A bug at the second try is reported as the bad network of the first one.
def run(task, transient, tries, pause):
    last = None
    for n in range(1, tries + 1):
        try:
            return task()
        except transient as error:
            last = error
            if n < tries:
                pause(n)
        except Exception as error:
            raise last or error
    raise last
