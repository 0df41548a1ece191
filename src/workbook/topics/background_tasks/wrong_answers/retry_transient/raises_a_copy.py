# rejected by: raises_the_last_error
# The caller gets a new exception, without the attributes and the traceback of the real one.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except transient as error:
            if n == tries:
                raise type(error)(str(error))
            pause(n)
