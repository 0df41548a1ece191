# rejected by: tells_flags_apart
# Two flags of the same length choose the same users.
from hashlib import md5


def is_on(flag, user, percent):
    return int(md5(f"{len(flag)}{user}".encode()).hexdigest(), 16) % 10000 < percent * 100
