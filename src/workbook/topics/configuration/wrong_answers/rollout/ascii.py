# rejected by: nobody_at_0_and_everybody_at_100
# Has no answer for Zoë.
from hashlib import md5


def is_on(flag, user, percent):
    return int(md5(f"{flag}/{user}".encode("ascii")).hexdigest(), 16) % 1000000 < percent * 10000
