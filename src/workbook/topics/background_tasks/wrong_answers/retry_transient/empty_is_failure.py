# rejected by: returns_the_result
# A task that returns nothing is taken for one that failed, and done again.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            result = task()
            if result:
                return result
        except transient:
            if n == tries:
                raise
            pause(n)
