# rejected by: keeps_whoever_had_it
# Draws anew for each question.
import random


def is_on(flag, user, percent):
    return random.random() * 100 < percent
