# rejected by: keeps_whoever_had_it
# Each percentage draws new lots.
import hashlib


def is_on(flag, user, percent):
    digest = hashlib.sha256(f"{flag}:{user}:{percent}".encode()).digest()
    place = int.from_bytes(digest, "big") / 2**256 * 100
    return place < percent
