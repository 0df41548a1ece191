# rejected by: agrees_between_processes
# Seeds the generator that the whole process shares.
import random
def is_on(flag, user, percent):
    random.seed(f"{flag}:{user}")
    return random.uniform(0, 100) < percent
