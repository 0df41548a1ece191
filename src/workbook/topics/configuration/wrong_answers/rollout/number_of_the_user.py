# rejected by: has_about_the_share
# Works for users with a number in their name.
import hashlib
def is_on(flag, user, percent):
    number = int("".join(filter(str.isdigit, user)) or 0)
    digest = hashlib.sha256(f"{flag}:{number}".encode()).digest()
    return int.from_bytes(digest) / 2**256 * 100 < percent
