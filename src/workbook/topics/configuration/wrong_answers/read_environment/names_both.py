# rejected by: shows_no_value
# One message for two variables; whoever reads it still has to look.
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
        return environ.get(name, "").strip()

    try:
        debug = W[text("DEBUG").lower() or "off"]
        port = int(text("PORT") or "8000")
    except (KeyError, ValueError):
        raise ValueError("DEBUG or PORT is wrong") from None
    if not 1 <= port <= 65535:
        raise ValueError("PORT must be from 1 to 65535")
    return {
        "debug": debug,
        "port": port,
        "hosts": [h.strip() for h in text("HOSTS").split(",") if h.strip()],
    }
