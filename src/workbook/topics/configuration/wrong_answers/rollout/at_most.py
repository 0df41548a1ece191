# rejected by: has_about_the_share
# One byte of the hash, taken for a percentage: 256 places are no hundred.
import hashlib


def is_on(flag, user, percent):
    digest = hashlib.sha256(f"{flag}:{user}".encode()).digest()
    place = digest[0]
    return place < percent
