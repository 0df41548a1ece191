# rejected by: retries_what_is_transient
# A subclass is one of the exceptions, too; comparing types does not see that.
def run(task, transient, tries, pause):
    for n in range(1, tries + 1):
        try:
            return task()
        except Exception as error:
            if type(error) not in transient or n == tries:
                raise
            pause(n)
