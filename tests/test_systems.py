"""Each server serves and stops; what cannot be is one clear error; modules are what cells say."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from IPython.core.interactiveshell import InteractiveShell

from workbook import systems
from workbook.processes import ProcessFailed, private_folder
from workbook.systems import SERVERS, serve

needs_unix = pytest.mark.needs_unix

#: One module with both interfaces: each answers with its process and counts its starts in the log.
APPS = """
import os, sys, time, asyncio

def wsgi(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    body = f"wsgi {os.getpid()} {environ['SERVER_PROTOCOL']} {os.environ.get('COLOUR')}".encode()
    start_response("200 OK", [("content-length", str(len(body)))])
    return [body]

async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            print("a worker starts", flush=True)
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["path"] == "/slow":
        print("slow begins", flush=True)
        await asyncio.sleep(1)
    body = f"asgi {os.getpid()} {scope['http_version']} {os.environ.get('COLOUR')}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})

def factory():
    return asgi
"""

#: Every server with every interface that it serves.
ALL = [(name, interface) for name, how in SERVERS.items() for interface in how["apps"]]


@pytest.fixture(scope="module")
def apps() -> Iterator[str]:
    """Make the module ``both`` with the apps ``wsgi`` and ``asgi``; return its name."""
    systems.module("both", APPS)
    yield "both"
    del sys.modules["both"]


def gone(pids: list[int]) -> bool:
    """Wait until none of these processes is left; zombies do not count."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        left = [pid for pid in pids if psutil.pid_exists(pid)]
        if not any(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in left):
            return True
        time.sleep(0.02)
    return False


# ---------------------------------------------------------------- each server


@needs_unix
@pytest.mark.parametrize(("server", "interface"), ALL)
def test_each_server_serves_and_stops(apps: str, server: str, interface: str) -> None:
    with serve(f"{apps}:{interface}", server, interface=interface) as site:
        assert httpx.get(site.url, timeout=30).text.split()[0] == interface
        family = site.descendants()
        links = [link for one in family for link in one.net_connections("inet")]
        assert {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN} == {
            "127.0.0.1"
        }
        assert len(site.worker_pids()) == 1
        assert "GET" not in site.log_text(), "no access log unless asked for"
    assert gone([one.pid for one in family])
    assert site.exit_code in (0, -signal.SIGTERM)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", site.port), timeout=5)
    site.stop()


#: The first process that imports this goes on at once, any other has to wait for two seconds.
LATE = """
try:
    os.close(os.open(os.environ["FIRST"], os.O_CREAT | os.O_EXCL))
except FileExistsError:
    time.sleep(2)
print("imported", flush=True)
"""


@needs_unix
@pytest.mark.parametrize("server", [name for name, how in SERVERS.items() if "workers" in how])
def test_every_worker_serves_before_the_site_is_ready(server: str, tmp_path: Path) -> None:
    interface, env = next(iter(SERVERS[server]["apps"])), {"FIRST": str(tmp_path / "first")}
    (private_folder("modules") / "late.py").write_text(APPS + LATE)
    with serve(f"late:{interface}", server, workers=2, env=env, seconds=120) as site:
        told, pids = site.log_text(), site.worker_pids()
        assert told.count("imported") == (1 if server == "uwsgi" else 2), (
            "uWSGI imports, then forks"
        )
        assert told.count("a worker starts") == (2 if interface == "asgi" else 0)
        assert len(pids) == 2
        assert site.pid not in pids
        assert int(httpx.get(site.url, timeout=30).text.split()[1]) in pids


@needs_unix
def test_threads_that_start_sites_at_once_share_one_authority(
    apps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import trustme

    made: list[str] = []

    class SlowCA(trustme.CA):
        def __init__(self) -> None:
            made.append("one")
            time.sleep(0.5)
            super().__init__()

    monkeypatch.setattr("trustme.CA", SlowCA)
    systems._certificate.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        sites = list(pool.map(lambda _: serve(f"{apps}:asgi", "uvicorn", tls=True), range(2)))
    for site in sites:
        with site:
            assert httpx.get(site.url, verify=site.trust, timeout=60).status_code == 200
    assert made == ["one"]


@needs_unix
@pytest.mark.parametrize(
    ("server", "interface"), [pair for pair in ALL if "http2" in SERVERS[pair[0]]]
)
def test_http2_is_negotiated_over_tls(apps: str, server: str, interface: str) -> None:
    with serve(f"{apps}:{interface}", server, interface=interface, http2=True) as site:
        assert site.url.startswith("https://127.0.0.1:")
        for http2, version in ((True, "HTTP/2"), (False, "HTTP/1.1")):
            with httpx.Client(http2=http2, verify=site.trust, timeout=30) as client:
                answer = client.get(site.url)
                assert answer.http_version == version
                seen = answer.text.split()[2].removesuffix(".0")  # gunicorn says HTTP/2.0
                assert version.endswith(seen)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(site.url)


@needs_unix
def test_sites_stand_side_by_side(apps: str) -> None:
    with (
        serve(f"{apps}:asgi") as one,
        serve(f"{apps}:asgi", env={"COLOUR": "red"}) as two,
        serve(f"{apps}:wsgi", "waitress") as three,
    ):
        assert len({one.port, two.port, three.port}) == 3
        for site in (one, two, three):
            assert int(httpx.get(site.url, timeout=30).text.split()[1]) == site.pid
        assert httpx.get(two.url, timeout=30).text.split()[3] == "red"
        assert httpx.get(one.url, timeout=30).text.split()[3] == "None"


@needs_unix
def test_many_starts_at_once_get_a_port_each(apps: str) -> None:
    names = ["granian", "waitress", "uvicorn", "gunicorn"]
    made = [(name, f"{apps}:{next(iter(SERVERS[name]['apps']))}") for name in names * 2]
    with ThreadPoolExecutor(len(made)) as pool:
        sites = list(pool.map(lambda pair: serve(pair[1], pair[0], seconds=120), made))
    try:
        assert len({site.port for site in sites}) == len(made)
        for site in sites:
            assert int(httpx.get(site.url, timeout=30).text.split()[1]) in site.worker_pids()
    finally:
        for site in sites:
            site.stop()


@needs_unix
def test_options_win_over_ours(apps: str) -> None:
    with serve(f"{apps}:asgi", options=["--access-log", "--header", "x-shop:1"]) as site:
        assert httpx.get(site.url, timeout=30).headers["x-shop"] == "1"
        assert '"GET / HTTP/1.1" 200' in site.log_text()


@needs_unix
def test_a_factory_and_lifespan_off_are_served(apps: str) -> None:
    options = ["--factory", "--lifespan", "off"]
    with serve(f"{apps}:factory", workers=2, options=options) as site:
        assert httpx.get(site.url, timeout=30).status_code == 200


@needs_unix
def test_the_learners_environment_does_not_configure_the_server(
    apps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    monkeypatch.setenv("UVICORN_LOG_LEVEL", "critical")
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--log-level critical")
    monkeypatch.setenv("GRANIAN_LOG_ENABLED", "false")  # silent servers would never be ready
    for server in ("uvicorn", "gunicorn", "granian"):
        interface = next(iter(SERVERS[server]["apps"]))
        with serve(f"{apps}:{interface}", server) as site:
            assert len(site.worker_pids()) == 1, server


@needs_unix
def test_a_request_in_flight_is_finished_after_sigterm(apps: str) -> None:
    with serve(f"{apps}:asgi") as site, ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.get, f"{site.url}/slow", timeout=60)
        while "slow begins" not in site.log_text():
            time.sleep(0.01)
        site.send(signal.SIGTERM)
        assert answer.result().status_code == 200
        assert site.wait(60)


@needs_unix
def test_a_cell_that_is_run_again_leaves_one_server(apps: str) -> None:
    site = serve(f"{apps}:wsgi", "waitress")
    first = site.pid
    site = serve(f"{apps}:wsgi", "waitress")
    gc.collect()
    assert gone([first])
    assert site.alive
    site.stop()


# ---------------------------------------------------------------- what cannot be


@needs_unix
@pytest.mark.parametrize("server", list(SERVERS))
@pytest.mark.parametrize("fault", ["import", "attribute", "option"])
def test_a_server_that_does_not_start_is_one_error_with_its_log(
    apps: str, server: str, fault: str
) -> None:
    (private_folder("modules") / "broken.py").write_text("import nothing_here")
    app = {"import": "broken:app", "attribute": f"{apps}:nope"}.get(
        fault, f"{apps}:{next(iter(SERVERS[server]['apps']))}"
    )
    options = ["--no-such-option"] if fault == "option" else []
    with pytest.raises(ProcessFailed, match=f"{server} {app} ended before it was ready") as failed:
        serve(app, server, options=options, seconds=120)
    _, log = str(failed.value).split("its log:")
    told = {"import": "nothing_here", "attribute": "nope", "option": "no-such-option"}[fault]
    assert told in log or (server == "uwsgi" and "callable not found" in log)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"server": "apache"}, "there is no server 'apache'; choose from uvicorn, hypercorn"),
        ({"server": "daphne", "workers": 2}, "daphne has no workers; these have: uvicorn, hyper"),
        ({"server": "uvicorn", "threads": 2}, "uvicorn has no threads; these have: gunicorn"),
        ({"server": "waitress", "tls": True}, "waitress has no tls; these have: uvicorn"),
        ({"server": "gunicorn", "http2": True}, "gunicorn has no http2; these have: uvicorn"),
        ({"server": "uwsgi", "interface": "asgi"}, "uwsgi has no interface='asgi'; these have"),
        ({"server": "granian", "interface": "asgi3"}, 'asgi3\'; it is "asgi" or "wsgi"'),
        ({"app": "shop"}, "'shop' is no import string: write \"module:attribute\""),
        ({"app": "shop:app --reload"}, "is no import string"),
        ({"app": print}, "<built-in function print> is no import string"),
        ({"workers": 0}, "workers=0: a server needs one at least"),
    ],
)
def test_what_a_server_cannot_do_is_said_with_those_that_can(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        serve(**{"app": "shop:app", **options})


def test_a_missing_server_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setitem(SERVERS, "uvicorn", {**SERVERS["uvicorn"], "module": "nothing_here"})
    with pytest.raises(ProcessFailed, match=r"uvicorn is not installed: .*run.py lab"):
        serve("shop:app")


def test_windows_is_told_to_use_wsl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ProcessFailed, match="WSL 2 or Binder"):
        serve("shop:app")


# ---------------------------------------------------------------- %%module


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """Return a shell with the magic, as ``%load_ext workbook`` leaves it."""
    shell = InteractiveShell()
    shell.register_magics(systems.SystemsMagics)
    yield shell
    for name in ("shop", "till"):
        sys.modules.pop(name, None)
        (private_folder("modules") / f"{name}.py").unlink(missing_ok=True)


def line_of(error: BaseException | None) -> tuple[str, int]:
    """Return the file's name and the line on which an error was raised."""
    assert error is not None
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    assert trace
    return Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno


def test_a_module_cell_binds_its_name_and_prints_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%%module shop\nprice = 3\n")
    assert result.success
    assert result.result is None
    assert capsys.readouterr() == ("", "")
    assert shell.user_ns["shop"] is sys.modules["shop"]
    assert shell.run_cell("import shop; shop.price").result == 3


def test_a_second_run_replaces_the_first_everywhere(shell: InteractiveShell) -> None:
    shell.run_cell("%%module shop\nprice = 3\nold = True\n")
    shell.run_cell("%%module till\nimport shop\ndef total(): return 2 * shop.price\n")
    assert shell.run_cell("till.total()").result == 6
    shell.run_cell("%%module shop\nprice = 4\n")
    assert shell.run_cell("till.total()").result == 8
    assert not hasattr(shell.user_ns["shop"], "old")
    assert "price = 4" in shell.run_cell("import inspect; inspect.getsource(shop)").result


@needs_unix
def test_a_server_sees_the_latest_text_and_leaves_no_bytecode(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    text = (
        "%%module shop\ndef app(environ, start_response):\n"
        "    start_response('200 OK', [('content-length', '1')])\n    return [b'{}']\n"
    )
    for answer in "123":
        shell.run_cell(text.format(answer))
        with serve("shop:app", "waitress") as site:
            assert httpx.get(site.url, timeout=30).text == answer
    assert [path.name for path in private_folder("modules").glob("**/*.pyc")] == []


def test_an_error_in_the_cell_has_the_cells_line(shell: InteractiveShell) -> None:
    failed = shell.run_cell("%%module shop\na = 1\nb = 1 / 0\n")
    assert isinstance(failed.error_in_exec, ZeroDivisionError)
    assert line_of(failed.error_in_exec) == ("shop.py", 3)
    assert "shop" not in shell.user_ns
    assert "shop" not in sys.modules
    failed = shell.run_cell("%%module shop\na = 1\ndef (\n")
    assert isinstance(failed.error_in_exec, SyntaxError)
    assert failed.error_in_exec.lineno == 3


@pytest.mark.parametrize("name", ["json", "httpx", "workbook", "sys"])
def test_a_name_that_is_taken_is_refused(shell: InteractiveShell, name: str) -> None:
    before = __import__(name)
    failed = shell.run_cell(f"%%module {name}\nx = 1\n").error_in_exec
    assert isinstance(failed, ValueError)
    assert f"there is a module {name!r} already" in str(failed)
    assert __import__(name) is before


@pytest.mark.parametrize("name", ["", "3x", "class", "a.b", "a b", "../up"])
def test_what_is_no_name_is_refused(shell: InteractiveShell, name: str) -> None:
    failed = shell.run_cell(f"%%module {name}\nx = 1\n").error_in_exec
    assert isinstance(failed, ValueError)
    assert "needs a module's name" in str(failed)


def test_ipython_is_not_loaded_for_a_proof() -> None:
    code = "import sys, workbook.systems; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# ---------------------------------------------------------------- check


def test_a_complete_installation_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    systems.check()
    line = capsys.readouterr().out
    assert line == "Everything a learner needs is here.\n" or sys.platform == "win32"
    systems.check(versions=True)
    assert f"uvicorn {metadata.version('uvicorn')}" in capsys.readouterr().out.splitlines()


def test_what_is_missing_is_named_with_what_gets_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name == "granian":
            raise metadata.PackageNotFoundError(name)
        return "0.1" if name == "waitress" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    systems.check()
    found = [line for line in capsys.readouterr().out.splitlines() if "Unix" not in line]
    assert len(found) == 2
    assert found[0].startswith("granian>=2.8 (here: none): delete the folder .venv and run")
    assert found[1].startswith("waitress>=3 (here: 0.1): ")


def test_a_data_folder_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: blocked / name)
    systems.check()
    assert "where answers are kept, cannot be written: " in capsys.readouterr().out


# ---------------------------------------------------------------- soak


@pytest.fixture
def busy() -> Iterator[None]:
    """Keep every core busy."""
    command = [sys.executable, "-c", "while True: pass"]
    burners = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    yield
    for burner in burners:
        burner.kill()
        burner.wait()


@needs_unix
@pytest.mark.soak
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("server", list(SERVERS))
def test_fifty_starts_and_stops_are_clean(
    apps: str, server: str, soak_row: Callable[[str, str], None]
) -> None:
    interface = next(iter(SERVERS[server]["apps"]))
    clean = 0
    for _ in range(50):
        with serve(f"{apps}:{interface}", server, seconds=120) as site:
            answered = httpx.get(site.url, timeout=60).status_code == 200
            pids = [one.pid for one in site.descendants()]
        clean += answered and gone(pids) and site.exit_code in (0, -signal.SIGTERM)
    soak_row(f"{server}: 50 starts and stops on a busy machine", f"{clean} of 50 clean")
    assert clean == 50


def killed_kernel(servers: list[str], folder: Path) -> tuple[int, float]:
    """Kill a kernel that serves; return the processes left after 5 s, and when the last ended."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name="python3",
        env={**os.environ, "TMPDIR": str(folder)},  # a killed kernel leaves its folder
    )
    try:
        code = [f"from workbook import systems; systems.module('both', {APPS!r}); sites = []"]
        for server in servers:
            app = f"both:{next(iter(SERVERS[server]['apps']))}"
            code.append(f"sites.append(systems.serve({app!r}, {server!r}, seconds=120))")
        reply = client.execute_interactive("\n".join(code), timeout=300, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok"
        kernel = psutil.Process(manager.provisioner.pid)
        family = kernel.children(recursive=True)
        assert len(family) >= 2 * len(servers)
        kernel.kill()
        killed = time.monotonic()
        while time.monotonic() < killed + 5 and any(one.is_running() for one in family):
            time.sleep(0.02)
        seconds = time.monotonic() - killed
        return sum(one.is_running() for one in family), seconds
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@needs_unix
def test_a_killed_kernel_leaves_no_server(tmp_path: Path) -> None:
    assert killed_kernel(["uvicorn", "gunicorn"], tmp_path)[0] == 0


@needs_unix
@pytest.mark.soak
def test_twenty_killed_kernels_leave_no_server(
    tmp_path: Path, soak_row: Callable[[str, str], None]
) -> None:
    pairs = itertools.islice(itertools.combinations(SERVERS, 2), 20)
    runs = [killed_kernel(list(pair), tmp_path) for pair in pairs]
    left, slowest = sum(run[0] for run in runs), max(run[1] for run in runs)
    claim = f"{len(runs)} kernels killed with SIGKILL, two servers each: orphans after 5 s"
    soak_row(claim, f"{left} (the slowest were gone after {slowest:.1f} s)")
    assert len(runs) == 20
    assert left == 0
