"""Real systems for a chapter's cells: web servers, started as processes of their own.

A cell that begins with ``%%module shop`` is written to this kernel's private folder and imported;
``serve`` starts any of the servers on it and gives a base URL::

    with systems.serve("shop:app", server="uvicorn") as site:
        print(httpx.get(site.url).text)

No port is fixed and none is raced for: each server is handed a bound socket (granian, which takes
none, finds its port reserved). A site is ready when the log of our own process says so, it or a
child of it owns the listener, and a connection is answered. The application is not called.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
import tempfile
import threading
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .brokers import Service as Service
from .brokers import aws as aws
from .brokers import environment
from .brokers import have as have
from .brokers import mail as mail
from .brokers import rabbitmq as rabbitmq
from .brokers import start as start
from .brokers import until as until
from .brokers import valkey as valkey
from .brokers import worker as worker
from .databases import Database as Database
from .databases import Pooler as Pooler
from .databases import pgbouncer as pgbouncer
from .databases import postgres as postgres
from .processes import (
    INSTALL,
    OPTIONAL,
    ProcessFailed,
    Running,
    bound_socket,
    find_program,
    how_to_get,
    listens,
    owns,
    private_folder,
    refuse_windows,
)

if TYPE_CHECKING:
    from ssl import SSLContext

    from IPython.core.magic import Magics

PACKAGE = "python-architecture-workbook"


_DATA = tomllib.loads(Path(__file__).with_name("servers.toml").read_text(encoding="utf-8"))
SERVERS: dict[str, dict[str, Any]] = _DATA["servers"]
_WRITING = threading.Lock()  # several threads may start servers side by side


class Site(Running):
    """A server that is up. Leaving its ``with`` block, or ``stop``, ends it and all it started.

    ``ca`` is the path of the certificate authority to trust, where it serves TLS.
    """

    port: int
    ca: str | None = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http{'s' if self.ca else ''}://127.0.0.1:{self.port}"

    @property
    def trust(self) -> SSLContext:
        """A client's SSL context that trusts this site: ``httpx.Client(verify=site.trust)``."""
        import ssl

        return ssl.create_default_context(cafile=self.ca)

    def worker_pids(self) -> list[int]:
        """Return the pids of the processes that accept connections, without their master."""
        owners = [one for one in self.descendants() if owns(one, self.port)]
        masters = {one.ppid() for one in owners}
        return sorted(one.pid for one in owners if one.pid not in masters)

    def __repr__(self) -> str:
        return f"<Site {self.name}>"


def serve(
    app: str,
    server: str = "uvicorn",
    *,
    workers: int = 1,
    threads: int | None = None,
    tls: bool = False,
    http2: bool = False,
    interface: str | None = None,
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    seconds: float = 30.0,
) -> Site:
    """Start a server on an application, and return once every worker serves.

    Parameters
    ----------
    app
        The import string, ``"module:attribute"``: a ``%%module`` cell, or anything importable.
    server
        One of ``SERVERS``, which ``servers.toml`` describes.
    workers, threads
        Processes, and threads in each; ``None`` leaves the server's own default.
    tls, http2
        Serve over TLS with a certificate made for the occasion (``site.ca``, ``site.trust``); offer
        HTTP/2, which implies TLS. hypercorn and granian offer it over TLS in any case.
    interface
        ``"asgi"`` or ``"wsgi"``, for hypercorn and granian, which serve both.
    options, env
        Further options, as on the server's command line; further environment variables.
    seconds
        How long the server may take until it is ready.

    Raises
    ------
    ValueError
        This server cannot do that; the message names those that can.
    ProcessFailed
        It did not start; the message ends with its log.
    """
    tls = tls or http2
    if not re.fullmatch(r"[\w.]+:[\w.]+(\(\))?", str(app)):
        raise ValueError(f'{app!r} is no import string: write "module:attribute", as in "shop:app"')
    if workers < 1:
        raise ValueError(f"workers={workers}: a server needs one at least")
    how = _can(server, workers=workers > 1, threads=threads, tls=tls, http2=http2, apps=interface)
    folder, modules = private_folder(), private_folder("modules")
    with _WRITING:
        _write_files(folder)
        certificate = _certificate(folder) if tls else {}
    ready = "Started server process" if server == "uvicorn" and "off" in options else how["ready"]
    passed = "{fd}" in how["command"]
    with bound_socket(listening=how.get("listening", False), reserve=not passed) as sock:
        fd, port = sock.fileno(), sock.getsockname()[1]
        values = {"fd": fd, "port": port, "folder": folder, "app": app, **certificate}
        parts = [
            how["command"],
            f"{how['workers']} {workers}" if "workers" in how else "",
            f"{how['threads']} {threads}" if threads else "",
            how["tls"] if tls else "",
            how["http2"] if http2 else "",
        ]
        ours = [piece.format(**values) for part in parts for piece in part.split()]
        target = how["apps"][interface or next(iter(how["apps"]))].format(**values)
        site = Site(
            [sys.executable, *ours, *options, *target.split()],
            name=f"{server} {app}",
            ready=lambda running: (
                len(re.findall(ready, running.log_text())) >= workers and listens(running, port)
            ),
            seconds=seconds,
            env={**environment(modules), **(env or {})},
            cwd=modules,
            pass_fds=(fd,) if passed else (),
        )
    site.port, site.ca = port, certificate.get("ca")
    return site


def _can(server: str, **asked: object) -> dict[str, Any]:
    """Return how to start the server; raise where it cannot do what is asked, and say which can."""
    if server not in SERVERS:
        raise ValueError(f"there is no server {server!r}; choose from {', '.join(SERVERS)}")
    for what, wanted in asked.items():
        able = [
            name
            for name, how in SERVERS.items()
            if what in how and (what != "apps" or wanted in how[what])
        ]
        if wanted and server not in able:
            what = f"interface={wanted!r}" if what == "apps" else what
            these = f"these have: {', '.join(able)}" if able else 'it is "asgi" or "wsgi"'
            raise ValueError(f"{server} has no {what}; {these}")
    how = SERVERS[server]
    refuse_windows("servers")
    if not importlib.util.find_spec(how["module"]):
        raise ProcessFailed(f"{server} is not installed: {INSTALL}")
    return how


@cache
def _write_files(folder: Path) -> None:
    """Write what servers need of ours, once."""
    for file, text in _DATA["files"].items():
        (folder / file).write_text(text, encoding="utf-8")


@cache
def _certificate(folder: Path) -> dict[str, str]:
    """Write a certificate for 127.0.0.1, its key and its authority; return their paths."""
    import trustme
    from cryptography.hazmat.primitives import serialization as form

    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    key = form.load_pem_private_key(leaf.private_key_pem.bytes(), None).private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )  # granian reads PKCS #8 only
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    blobs = {"ca": authority.cert_pem.bytes(), "cert": chain, "key": key}
    for name, blob in blobs.items():
        (folder / f"{name}.pem").write_bytes(blob)
    return {name: str(folder / f"{name}.pem") for name in blobs}


# ---------------------------------------------------------------- databases

# `postgres` and `pgbouncer` are in databases.py, brokers and workers in brokers.py; all of them
# belong to the names of this module


# ---------------------------------------------------------------- modules and the check


def module(name: str, source: str) -> ModuleType:
    """Write a module to this kernel's private folder and import it, again if it was before.

    Raises
    ------
    ValueError
        The name is no identifier, or another module has it.
    """
    __tracebackhide__ = True
    folder = private_folder("modules")
    file = folder / f"{name}.py"
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"%%module needs a module's name, as in `%%module shop`, not {name!r}")
    if not file.exists() and (name in sys.modules or importlib.util.find_spec(name)):
        raise ValueError(f"there is a module {name!r} already, which this would hide: rename yours")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    file.write_text(source, encoding="utf-8")
    code = compile(source, str(file), "exec", dont_inherit=True)
    if known := sys.modules.get(name):  # importlib.reload, but without the names of yesterday
        for old in [key for key in vars(known) if not key.startswith("__")]:
            delattr(known, old)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    made = sys.modules[name] = known or importlib.util.module_from_spec(spec)
    try:
        exec(code, vars(made))
    except BaseException:
        if not known:
            del sys.modules[name]
        raise
    return made


def __getattr__(name: str) -> type[Magics]:
    """Make ``SystemsMagics`` when asked for it: a proof does without IPython, which is slow."""
    if name != "SystemsMagics":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from IPython.core.magic import Magics, cell_magic, magics_class

    @magics_class
    class SystemsMagics(Magics):
        """The magic ``%%module``."""

        @cell_magic("module")  # type: ignore[arg-type]
        def module_cell(self, line: str, cell: str) -> None:
            """Write the cell to a module, import it, print nothing: ``%%module shop``."""
            __tracebackhide__ = True
            made = module(line.strip(), "\n" + cell)  # the magic itself is line 1
            assert self.shell
            self.shell.user_ns[made.__name__] = made

    return SystemsMagics


def check(*, versions: bool = False, optional: bool = False) -> None:
    """Print one line if all that a learner needs is here, else what is missing and what gets it.

    With ``optional``, also the programs that single sections need. With ``versions``, also print
    those of Python and of all packages, which differ from one machine to another.
    """
    import platformdirs
    from packaging.requirements import Requirement

    here, lacks = {"Python": sys.version.split()[0]}, []
    for line in metadata.requires(PACKAGE) or []:
        need = Requirement(line)
        if not need.marker or need.marker.evaluate({"extra": ""}):
            with suppress(metadata.PackageNotFoundError):
                here[need.name] = metadata.version(need.name)
            found = here.get(need.name, "none")
            if found == "none" or not need.specifier.contains(found, prereleases=True):
                lacks.append(f"{need.name}{need.specifier} (here: {found}): {INSTALL}")
    folder = platformdirs.user_data_path(PACKAGE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        lacks.append(f"{folder}, where answers are kept, cannot be written: {error.strerror}")
    if sys.platform == "win32":
        lacks.append("Unix, which the servers need: use WSL 2 (`wsl --install`) or Binder")
    print("\n".join(lacks) or "Everything a learner needs is here.")
    for program in OPTIONAL if optional else ():
        here_or_how = "here" if find_program(program) else f"not here: {how_to_get(program)}"
        print(f"{OPTIONAL[program][0]}: {here_or_how}")
    if versions:
        print(*(f"{name} {version}" for name, version in here.items()), sep="\n")
