# rejected by: has_defaults
# Takes the variables out of the mapping that it was given.
from dataclasses import dataclass, field, asdict
@dataclass
class S:
    debug: bool = False
    port: int = 8000
    hosts: list = field(default_factory=list)
def read(environ):
    environ = {k: environ.pop(k, "") for k in ("DEBUG", "PORT", "HOSTS")}
    s = S()
    if "DEBUG" in environ and environ["DEBUG"].strip():
        v = environ["DEBUG"].strip().lower()
        s.debug = v in ("1", "true", "yes", "on")
        if not s.debug and v not in ("0", "false", "no", "off"):
            raise ValueError("bad DEBUG")
    if environ.get("PORT", "").strip():
        v = environ["PORT"].strip()
        if not v.isdecimal() or not 1 <= int(v) <= 65535:
            raise ValueError("bad PORT")
        s.port = int(v)
    s.hosts += [x.strip() for x in environ.get("HOSTS", "").split(",") if x.strip()]
    return asdict(s)
