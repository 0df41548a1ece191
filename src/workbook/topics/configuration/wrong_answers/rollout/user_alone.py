# rejected by: tells_flags_apart
# Hashes the user alone, so the same users get every flag.
import hashlib


def is_on(flag, user, percent):
    digest = hashlib.sha256(user.encode()).digest()
    place = int.from_bytes(digest, "big") / 2**256 * 100
    return place < percent
