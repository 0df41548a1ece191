# rejected by: refuses_what_it_does_not_know
# Any number will do, so port 0 listens somewhere and 65536 fails much later.
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
        raise ValueError("PORT must be a whole number") from None
    hosts = [host.strip() for host in text("HOSTS").split(",")]
    return {"debug": WORDS[debug], "port": port, "hosts": [host for host in hosts if host]}
