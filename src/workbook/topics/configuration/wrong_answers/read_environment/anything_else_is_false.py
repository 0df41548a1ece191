# rejected by: refuses_what_it_does_not_know
# Takes every unknown word for false, so a typing error in DEBUG or in FEATURE=enabled passes in silence.
WORDS = {"1": True, "true": True, "yes": True, "on": True}
WORDS |= {"0": False, "false": False, "no": False, "off": False}


def read(environ):
    def text(name):
        return environ.get(name, "").strip()

    debug = text("DEBUG").lower() or "off"
    try:
        port = int(text("PORT") or "8000")
    except ValueError:
        raise ValueError("PORT must be a whole number") from None
    if not 1 <= port <= 65535:
        raise ValueError("PORT must be from 1 to 65535")
    hosts = [host.strip() for host in text("HOSTS").split(",")]
    return {"debug": WORDS.get(debug, False), "port": port, "hosts": [host for host in hosts if host]}
