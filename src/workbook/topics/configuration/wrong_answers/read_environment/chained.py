# rejected by: shows_no_value
# The message is clean. But the first exception is printed above it, as its cause, with the value.
WORDS = {"1": True, "true": True, "yes": True, "on": True}
WORDS |= {"0": False, "false": False, "no": False, "off": False}


def read(environ):
    def text(name):
        return environ.get(name, "").strip()

    debug = text("DEBUG").lower() or "off"
    if debug not in WORDS:
        raise ValueError("DEBUG must be yes or no, or one of their synonyms")
    try:
        port = int(text("PORT") or "8000")
    except ValueError:
        raise ValueError("PORT must be a whole number")
    if not 1 <= port <= 65535:
        raise ValueError("PORT must be from 1 to 65535")
    hosts = [host.strip() for host in text("HOSTS").split(",")]
    return {"debug": WORDS[debug], "port": port, "hosts": [host for host in hosts if host]}
