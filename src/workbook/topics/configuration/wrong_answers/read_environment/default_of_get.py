# rejected by: takes_empty_for_unset
# Gives get() a default, which an empty variable does not use: int('') fails.
WORDS = {"1": True, "true": True, "yes": True, "on": True}
WORDS |= {"0": False, "false": False, "no": False, "off": False}


def read(environ):
    def text(name):
        return environ.get(name, "").strip()

    debug = text("DEBUG").lower() or "off"
    if debug not in WORDS:
        raise ValueError("DEBUG must be yes or no, or one of their synonyms")
    try:
        port = int(environ.get("PORT", "8000"))
    except ValueError:
        raise ValueError("PORT must be a whole number") from None
    if not 1 <= port <= 65535:
        raise ValueError("PORT must be from 1 to 65535")
    hosts = [host.strip() for host in text("HOSTS").split(",")]
    return {"debug": WORDS[debug], "port": port, "hosts": [host for host in hosts if host]}
