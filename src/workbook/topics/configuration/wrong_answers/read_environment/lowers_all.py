# rejected by: splits_the_hosts
# One helper for all three, and the hosts are changed by it.
W = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def read(environ):
    def text(name):
        return environ.get(name, "").strip().lower()

    debug = text("DEBUG") or "off"
    if debug not in W:
        raise ValueError("DEBUG must be yes or no")
    try:
        port = int(text("PORT") or "8000")
    except ValueError:
        raise ValueError("PORT must be a number") from None
    if not 1 <= port <= 65535:
        raise ValueError("PORT must be from 1 to 65535")
    return {
        "debug": W[debug],
        "port": port,
        "hosts": [h.strip() for h in text("HOSTS").split(",") if h.strip()],
    }
