# rejected by: raises_the_last_error
# After the last failure the loop ends, and the function returns None: a failure that looks like a result.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except transient:
            if n < tries:
                pause(n)
