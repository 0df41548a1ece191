# rejected by: has_defaults
# The list of the defaults is given to every caller, and one of them may change it.
DEFAULTS = {"debug": False, "port": 8000, "hosts": []}
WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
def read(environ):
    found = dict(DEFAULTS)
    if debug := environ.get("DEBUG", "").strip().lower():
        if debug not in WORDS:
            raise ValueError("DEBUG must be a truth value")
        found["debug"] = WORDS[debug]
    if port := environ.get("PORT", "").strip():
        if not (port.isdecimal() and 1 <= int(port) <= 65535):
            raise ValueError("PORT must be a port")
        found["port"] = int(port)
    if hosts := [host.strip() for host in environ.get("HOSTS", "").split(",") if host.strip()]:
        found["hosts"] = hosts
    return found
