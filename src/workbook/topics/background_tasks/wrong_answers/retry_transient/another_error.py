# rejected by: raises_the_last_error
# The caller gets an exception of the right class, without anything that the task had put into it.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except transient as error:
            if n == tries:
                raise type(error)(f"gave up after {tries} tries") from error
            pause(n)
