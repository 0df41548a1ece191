# rejected by: reads_fractions
# A hundred buckets: half a percent is a whole one.
import hashlib


def is_on(flag, user, percent):
    digest = hashlib.sha256(f"{flag}:{user}".encode()).digest()
    return int.from_bytes(digest, "big") % 100 < percent
