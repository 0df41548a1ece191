"""Brokers, workers and their kin start, are used and stop, and leave nothing, killed or not."""

from __future__ import annotations

import json
import mailbox
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx
import pika
import psutil
import pytest
from redis import Redis

from workbook import brokers, systems
from workbook.processes import ProcessFailed, private_folder

pytestmark = pytest.mark.needs_unix

#: Tasks for each library, in one module; each worker says on its log that it has done its work.
JOBS = """
import os
import dramatiq
from celery import Celery
from dramatiq.brokers.redis import RedisBroker

app = Celery("jobs", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.beat_schedule = {"hello": {"task": "hello", "schedule": 2.0, "args": ("beat",)}}
dramatiq.set_broker(RedisBroker(url=os.environ["BROKER"]))

def hello(name):
    print(f"hello {name}", flush=True)
    return name

by_celery = app.task(hello, name="hello")
by_dramatiq = dramatiq.actor(hello)
"""
PARCELS = """
import os
from celery import Celery

app = Celery("parcels", broker=os.environ["SQS"].replace("http://", "sqs://x:x@"))
app.conf.broker_transport_options = {"region": "eu-west-1", "wait_time_seconds": 1}

@app.task(acks_late=True)
def pack(parcel):
    print(f"packed-{parcel}", flush=True)
"""
TICKER = """
import jobs
from apscheduler.schedulers.blocking import BlockingScheduler

scheduler = BlockingScheduler(timezone="UTC")
scheduler.add_job(print, "interval", seconds=0.2, args=["tick"], kwargs={"flush": True})
scheduler.start()
"""


def gone(pids: list[int]) -> bool:
    """Wait until none of these processes is left; zombies do not count."""

    def left() -> list[int]:
        alive = []
        for pid in pids:
            try:
                if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                    alive.append(pid)
            except psutil.NoSuchProcess:
                pass
        return alive

    return bool(systems.until(lambda: not left(), 60))


def use_valkey(service: systems.Service) -> None:
    db = Redis.from_url(service.url)
    assert db.incr("n") == 1
    assert db.config_get("save")["save"] == ""  # nothing on disk


def channel(service: systems.Service) -> pika.adapters.blocking_connection.BlockingChannel:
    return pika.BlockingConnection(pika.URLParameters(f"{service.url[:-1]}%2F")).channel()


def use_rabbitmq(service: systems.Service) -> None:
    one = channel(service)
    one.queue_declare("q")
    one.basic_publish("", "q", b"hello")
    assert systems.until(lambda: one.basic_get("q", auto_ack=True)[2]) == b"hello"
    one.connection.close()


def use_aws(service: systems.Service) -> None:
    how = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    sqs = boto3.client("sqs", endpoint_url=service.url, **how)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"
    secrets = boto3.client("secretsmanager", endpoint_url=service.url, **how)
    secrets.create_secret(Name="db", SecretString="s3cret")
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "s3cret"


def use_mail(service: systems.Service) -> None:
    server = urlsplit(service.url)
    with smtplib.SMTP(str(server.hostname), server.port or 0) as smtp:
        smtp.sendmail("a@example.org", ["b@example.org"], "Subject: hi\n\nhello")
    [kept] = mailbox.Maildir(service.folder)
    assert kept["X-RcptTo"] == "b@example.org"


SERVICES = {
    "valkey": (systems.valkey, use_valkey),
    "rabbitmq": (systems.rabbitmq, use_rabbitmq),
    "aws": (systems.aws, use_aws),
    "mail": (systems.mail, use_mail),
}
EACH = [
    pytest.param(name, marks=[pytest.mark.needs_rabbitmq] * (name == "rabbitmq"))
    for name in SERVICES
]
COMMANDS = {
    "worker": "celery -A jobs worker -c 1",
    "beat": "celery -A jobs beat",
    "flower": "celery -A jobs flower --address=127.0.0.1 --port={port}",
    "rq": "rq worker --with-scheduler --url {url}",
    "rq-dashboard": "rq-dashboard --bind 127.0.0.1 --port {port} --redis-url {url}",
    "dramatiq": "dramatiq jobs -p 1 -t 1",
    "apscheduler": "python -m ticker",
}


@pytest.fixture(scope="module")
def broker() -> Iterator[systems.Service]:
    with systems.valkey() as service:
        os.environ["BROKER"] = service.url
        systems.module("jobs", JOBS)
        (private_folder("modules") / "ticker.py").write_text(TICKER)
        yield service
    del os.environ["BROKER"]


def run(name: str, url: str) -> systems.Service:
    """Start one of COMMANDS."""
    return systems.worker(COMMANDS[name].replace("{url}", url))


def use(name: str, service: systems.Service, url: str) -> None:
    """Have a worker do something, or see that a scheduler or a dashboard does."""
    import jobs  # type: ignore[import-not-found]
    from rq import Queue

    if name == "worker":
        assert jobs.by_celery.delay("ada").get(timeout=30) == "ada"
    elif name == "dramatiq":
        jobs.by_dramatiq.send("ada")
        assert systems.until(lambda: "hello ada" in service.log_text())
    elif name == "rq":
        job = Queue(connection=Redis.from_url(url)).enqueue(jobs.hello, "ada")
        assert systems.until(lambda: job.is_finished)
    elif name == "beat":  # SIGTERM while it imports, or sends, is its exit code 1
        sent = Redis.from_url(url).llen("celery")
        assert systems.until(lambda: Redis.from_url(url).llen("celery") > sent, 60)
    elif name == "apscheduler":
        assert systems.until(lambda: "tick" in service.log_text())
    else:
        assert httpx.get(service.url, follow_redirects=True, timeout=30).status_code == 200


@pytest.mark.parametrize("name", EACH)
def test_each_service_is_used_and_leaves_nothing(name: str) -> None:
    start, use = SERVICES[name]
    with start() as service:
        use(service)
        family, folder, place = service.descendants(), service.folder, urlsplit(service.url)
        links = [link for one in family for link in one.net_connections("inet")]
        ips = {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN}
        assert ips <= {"127.0.0.1", "::1"}  # epmd listens on the second too
    assert gone([one.pid for one in family])
    assert service.exit_code in (0, -signal.SIGTERM)
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((place.hostname or "", place.port or 0), timeout=5)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_worker_is_used_and_leaves_nothing(broker: systems.Service, name: str) -> None:
    with run(name, broker.url) as service:
        use(name, service, broker.url)
        family, folder = service.descendants(), service.folder
    assert gone([one.pid for one in family])
    assert service.exit_code in (0, -signal.SIGTERM)
    assert not folder.exists()


def test_a_celery_worker_takes_its_tasks_from_sqs_and_deletes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    how = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    with systems.aws() as service:
        monkeypatch.setenv("SQS", service.url)
        systems.module("parcels", PARCELS).pack.delay("tea")
        sqs = boto3.client("sqs", endpoint_url=service.url, **how)
        url = sqs.get_queue_url(QueueName="celery")["QueueUrl"]

        def left() -> list[int]:
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"]
            return [int(told[name]) for name in counts]

        assert left() == [1, 0]
        with systems.worker("celery -A parcels worker --pool solo") as worker:
            assert systems.until(lambda: "packed-tea" in worker.log_text())
            assert systems.until(lambda: left() == [0, 0])


def test_what_a_worker_leaves_in_the_temporary_folder_goes_with_its_owner() -> None:
    source = "import tempfile, time; print(tempfile.mkdtemp()); time.sleep(60)"
    (private_folder("modules") / "careless.py").write_text(source)
    with systems.worker("python -m careless", ready="\n") as worker:
        assert Path(worker.log_text().strip()).parent == private_folder()


def test_two_brokers_stand_side_by_side() -> None:
    with systems.valkey() as one, systems.valkey() as two:
        assert one.url != two.url
        Redis.from_url(one.url).set("n", 1)
        assert Redis.from_url(two.url).get("n") is None


@pytest.mark.needs_rabbitmq
def test_rabbitmq_takes_settings() -> None:
    with systems.rabbitmq(default_user="ada", default_pass="s3cret") as service:
        url = service.url.replace("guest:guest", "ada:s3cret")
        pika.BlockingConnection(pika.URLParameters(f"{url[:-1]}%2F")).close()


# ---------------------------------------------------------------- what cannot be


def test_a_broker_that_does_not_start_is_one_error_with_its_log() -> None:
    with pytest.raises(ProcessFailed, match="valkey-server ended before it was ready") as failed:
        systems.valkey("--no-such-option", "1")
    assert "no-such-option" in str(failed.value).split("its log:")[1]


def test_a_worker_that_does_not_start_is_one_error_with_its_log(broker: systems.Service) -> None:
    for command in ("celery -A nothing_here worker", "dramatiq nothing_here"):
        with pytest.raises(ProcessFailed, match="ended before it was ready") as failed:
            systems.worker(command)
        assert "nothing_here" in str(failed.value).split("its log:")[1]


def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(ProcessFailed, match="no program 'no-such-program' here"):
        systems.worker("no-such-program --fast")


def test_a_missing_rabbitmq_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(brokers, "find_program", lambda name: None)
    monkeypatch.setattr(brokers.shutil, "which", lambda name, path=None: None)
    assert not systems.have("rabbitmq-server")
    assert capsys.readouterr().out.count("\n") == 1
    with pytest.raises(ProcessFailed, match=r"RabbitMQ is not installed: .*install"):
        systems.rabbitmq()


@pytest.mark.parametrize("start", [systems.valkey, systems.rabbitmq, systems.aws, systems.mail])
def test_windows_is_told_to_use_wsl(
    monkeypatch: pytest.MonkeyPatch, start: Callable[[], object]
) -> None:
    monkeypatch.setattr(brokers.importlib.util, "find_spec", lambda name: None)  # nothing is there
    monkeypatch.setattr(brokers.shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ProcessFailed, match="WSL 2 or Binder"):
        start()


def test_until_returns_the_last_answer() -> None:
    answers = iter([0, "", "yes"])
    assert systems.until(lambda: next(answers)) == "yes"
    assert systems.until(lambda: 0, 0.05) == 0


# ---------------------------------------------------------------- nothing is left of a dead owner

OWNER = """
import json, os, sys, time
from workbook import systems
from workbook.processes import private_folder

running = [getattr(systems, name)() for name in sys.argv[1].split(",") if name]
broker = systems.valkey()
os.environ["BROKER"] = broker.url
systems.module("jobs", {jobs!r})
(private_folder("modules") / "ticker.py").write_text({ticker!r})
for command in json.loads(sys.argv[2]):
    running.append(systems.worker(command.replace("{{url}}", broker.url)))
print(json.dumps([str(private_folder()), *(str(one.folder) for one in running)]), flush=True)
time.sleep(600)
"""


def killed_owner(services: list[str], commands: list[str]) -> tuple[int, float, list[str]]:
    """Kill a process that runs these; return processes left after 5 s, seconds, folders left."""
    source = OWNER.format(jobs=JOBS, ticker=TICKER)
    names = [",".join(services), json.dumps([COMMANDS[name] for name in commands])]
    owner = subprocess.Popen([sys.executable, "-c", source, *names], stdout=subprocess.PIPE)
    try:
        assert owner.stdout
        folders = json.loads(owner.stdout.readline() or "[]")
        assert folders, "the owner did not start all of them"
        family = psutil.Process(owner.pid).children(recursive=True)
        assert len(family) >= 2 * (1 + len(services) + len(commands))
        owner.kill()
        killed = time.monotonic()
        systems.until(lambda: not any(one.is_running() for one in family), 5)
        seconds = time.monotonic() - killed
        left = sum(one.is_running() for one in family)
        systems.until(lambda: not any(Path(folder).exists() for folder in folders), 20)
        return left, seconds, [folder for folder in folders if Path(folder).exists()]
    finally:
        owner.kill()
        owner.communicate()


def test_a_killed_owner_leaves_no_process_and_no_folder() -> None:
    left, _, folders = killed_owner(["mail"], ["dramatiq", "rq"])
    assert left == 0
    assert folders == []


@pytest.mark.needs_rabbitmq
def test_a_killed_owner_leaves_no_rabbitmq() -> None:
    left, _, folders = killed_owner(["rabbitmq"], [])
    assert left == 0
    assert folders == []


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


@pytest.mark.soak
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("name", EACH)
def test_fifty_starts_and_stops_of_each_service(
    name: str, soak_row: Callable[[str, str], None]
) -> None:
    start, use = SERVICES[name]
    clean = 0
    for _ in range(50):
        with start() as service:
            use(service)
            pids, folder = [one.pid for one in service.descendants()], service.folder
        clean += gone(pids) and service.exit_code in (0, -signal.SIGTERM) and not folder.exists()
    soak_row(f"{name}: 50 starts and stops on a busy machine", f"{clean} of 50 clean")
    assert clean == 50


@pytest.mark.soak
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("name", COMMANDS)
def test_fifty_starts_and_stops_of_each_worker(
    broker: systems.Service, name: str, soak_row: Callable[[str, str], None]
) -> None:
    clean = 0
    for _ in range(50):
        with run(name, broker.url) as service:
            if name == "beat":
                use(name, service, broker.url)
            pids, folder = [one.pid for one in service.descendants()], service.folder
        clean += gone(pids) and service.exit_code in (0, -signal.SIGTERM) and not folder.exists()
    soak_row(f"{name}: 50 starts and stops on a busy machine", f"{clean} of 50 clean")
    assert clean == 50


@pytest.mark.soak
@pytest.mark.needs_rabbitmq
def test_twenty_killed_owners_leave_nothing(soak_row: Callable[[str, str], None]) -> None:
    services, commands = ["rabbitmq", "aws", "mail"], list(COMMANDS)
    runs = [
        killed_owner([services[n % 3]], [commands[n % 7], commands[(n + 3) % 7]]) for n in range(20)
    ]
    left, slowest = sum(run[0] for run in runs), max(run[1] for run in runs)
    folders = [folder for run in runs for folder in run[2]]
    claim = (
        "20 owners killed with SIGKILL, a broker, a service and two workers each: left after 5 s"
    )
    soak_row(claim, f"{left} processes, {len(folders)} folders (the slowest took {slowest:.1f} s)")
    assert left == 0
    assert folders == []
