# rejected by: has_about_the_share
# All users without an ASCII letter in their name have one place.
import hashlib
def is_on(flag, user, percent):
    digest = hashlib.sha256(f"{flag}:{user}".encode("ascii", "ignore")).digest()
    return int.from_bytes(digest) / 2**256 * 100 < percent
