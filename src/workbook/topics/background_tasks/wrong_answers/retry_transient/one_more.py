# rejected by: raises_the_last_error
# It takes `tries` for the number of retries after the first call.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except transient:
            pause(n)
    return task()
