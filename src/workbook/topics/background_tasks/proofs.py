"""The proofs of chapter 06: each runs the real broker, worker or database and returns what it saw.

A proof is shown to learners by *Show me*, so each can be read alone: its tasks stand in it. Modules
read the broker's address from the environment, as the workers do. What is counted or ordered is
returned; nothing depends on how fast the machine is, beyond waits that are long beside what they
wait for. Where a default takes an hour, the proof scales it down and says so.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from workbook import systems
from workbook.processes import ProcessFailed
from workbook.sandbox import proof


@contextmanager
def broker() -> Iterator[Any]:
    """Start a Valkey, put its URL into the environment, and give a client of it."""
    from redis import Redis

    with systems.valkey() as server:
        os.environ["BROKER"] = server.url
        yield Redis.from_url(server.url, decode_responses=True)


@contextmanager
def database() -> Iterator[Any]:
    """Start a PostgreSQL, and give a function that connects to it."""
    import psycopg

    with systems.postgres() as server:
        os.environ["STORE"] = server.dsn
        yield lambda: psycopg.connect(server.dsn)


def rq_queue() -> Any:
    """Return RQ's default queue on the broker."""
    from redis import Redis
    from rq import Queue

    return Queue(connection=Redis.from_url(os.environ["BROKER"]))


def stub_worker(broker: Any, *queues: str) -> None:
    """Let a Dramatiq worker in this process do all that is in the queues of a StubBroker."""
    from dramatiq import Worker

    worker = Worker(broker, worker_timeout=20)
    worker.start()
    for queue in queues or ("default",):
        broker.join(queue, fail_fast=False, timeout=20_000)
    worker.join()
    worker.stop()


# --- warm-up --------------------------------------------------------------------------------------


@proof("subprocess")
def finally_and_signals() -> object:
    """End a process in four ways; which of them let its finally run?"""
    code = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    print("ready", flush=True)
    sys.exit() if "sys.exit" in sys.argv else time.sleep(30)
finally:
    print("finally", flush=True)
"""
    ran = []
    for how in ("SIGTERM", "SIGINT", "SIGKILL", "sys.exit"):
        command = [sys.executable, "-c", code, how]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert child.stdout
        child.stdout.readline()
        if how.startswith("SIG"):
            child.send_signal(getattr(signal, how))
        if b"finally" in child.communicate()[0]:
            ran.append(how)
    return ran


# --- 1. a message ---------------------------------------------------------------------------------


@proof("celery")
def message_waits() -> object:
    """Send three tasks, with no worker anywhere."""
    with broker() as db:
        from celery import Celery

        app = Celery("shop", broker=os.environ["BROKER"], backend=os.environ["BROKER"])

        @app.task
        def double(n: int) -> int:
            return 2 * n

        promise = [double.delay(n) for n in range(3)][-1]
        return db.llen("celery"), promise.state


@proof("kombu")
def json_round_trip() -> object:
    """Serialise arguments as Celery's producer does, and read them as its worker does."""
    from kombu.serialization import dumps, loads

    content_type, encoding, body = dumps([(1, 2), {3: "x"}], serializer="json")
    return loads(body, content_type, encoding, accept={"application/json"})


@proof("celery")
def unserialisable() -> object:
    """Send an object: what is raised where, and what is in the queue then?"""
    with broker() as db:
        from celery import Celery

        app = Celery("shop", broker=os.environ["BROKER"])

        @app.task
        def greet(user: object) -> None:
            print("hello", user)

        try:
            greet.delay(object())
            raised = ""
        except Exception as error:
            raised = type(error).__name__
        return [raised, db.llen("celery")]


# --- 2. in the process ----------------------------------------------------------------------------


@proof("fastapi")
def background_task_fails() -> object:
    """What does the client get when the background task raises?"""
    import httpx

    systems.module(
        "failing",
        """
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()

def welcome():
    raise LookupError("no such template")

@app.post("/users", status_code=201)
def create(background: BackgroundTasks):
    background.add_task(welcome)
    return {}
""",
    )
    with systems.serve("failing:app") as site:
        status = httpx.post(f"{site.url}/users").status_code
        assert systems.until(lambda: "no such template" in site.log_text())
    return status


@proof("celery")
def forgotten_await() -> object:
    """A task that calls a coroutine function, and a task that is one; nothing awaits either."""
    import warnings

    from celery import Celery

    app, sent = Celery("shop"), []

    async def send(address: str) -> None:
        sent.append(address)

    def by_function(address: str) -> None:
        send(address)  # type: ignore[unused-coroutine]  # the mistake that the question is about

    async def by_coroutine(address: str) -> None:
        await send(address)

    tasks = [app.task(work, name=work.__name__) for work in (by_function, by_coroutine)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "coroutine ... was never awaited"
        return [*(task.apply(["ada@example.com"]).state for task in tasks), len(sent)]


@proof("asyncio")
def forgotten_task() -> object:
    """Create a task that nobody refers to, collect garbage; how many tasks are left to run?"""
    import asyncio
    import gc

    async def wait_for_reply() -> None:
        await asyncio.get_running_loop().create_future()

    async def handler() -> int:
        asyncio.create_task(wait_for_reply())  # noqa: RUF006
        await asyncio.sleep(0)
        gc.collect()
        return len(asyncio.all_tasks() - {asyncio.current_task()})

    return asyncio.run(handler())


@proof("rq")
def what_survives() -> object:
    """Start a job in five ways, kill the process, start everything anew; which of them runs?"""
    import sqlite3

    import httpx

    systems.module(
        "five",
        """
import asyncio, os, sqlite3, time
from concurrent.futures import ThreadPoolExecutor
from fastapi import BackgroundTasks, FastAPI
from redis import Redis
from rq import Queue

app, pool, tasks = FastAPI(), ThreadPoolExecutor(), set()

def work(name):
    time.sleep(0.5)
    Redis.from_url(os.environ["BROKER"]).rpush("ran", name)

@app.post("/")
async def start(background: BackgroundTasks):
    Queue(connection=Redis.from_url(os.environ["BROKER"])).enqueue(work, "queue")
    with sqlite3.connect(os.environ["OUTBOX"]) as outbox:
        outbox.execute("INSERT INTO outbox VALUES ('outbox')")
    tasks.add(asyncio.create_task(asyncio.to_thread(work, "create_task")))
    pool.submit(work, "thread pool")
    background.add_task(work, "BackgroundTasks")
""",
    )
    os.environ["OUTBOX"] = os.path.abspath("outbox.db")  # noqa: PTH100
    with sqlite3.connect(os.environ["OUTBOX"]) as outbox:
        outbox.execute("CREATE TABLE outbox (task TEXT)")
    with broker() as db:
        with systems.serve("five:app") as site:
            httpx.post(site.url)
            site.send(signal.SIGKILL)
            site.wait(10)
        with systems.serve("five:app"), systems.worker(f"rq worker --url {os.environ['BROKER']}"):
            systems.until(lambda: db.llen("ran"))
            time.sleep(0.7)
        return [*db.lrange("ran", 0, -1), *outbox.execute("SELECT task FROM outbox").fetchone()]


# --- 3. three libraries ---------------------------------------------------------------------------


@proof("celery")
def chain_first_argument() -> object:
    """Run a chain of two tasks, in this process."""
    from celery import Celery, chain

    app = Celery("shop")

    @app.task
    def grow(n: int) -> int:
        return n + 1

    @app.task
    def note(first: int, second: int) -> str:
        return f"{first}-{second}"

    return chain(grow.s(1), note.s(10)).apply().get()


@proof("rq")
def rq_scheduled() -> object:
    """Schedule a job half a second ahead; a plain worker runs for three seconds."""
    from datetime import timedelta

    systems.module("plain", "def add(a, b):\n    return a + b\n")
    with broker():
        job = rq_queue().enqueue_in(timedelta(seconds=0.5), import_module("plain").add, 1, 2)
        with systems.worker(f"rq worker --url {os.environ['BROKER']}"):
            systems.until(lambda: job.is_finished, 3)
        return job.get_status().value


WHOAMI = """
import os
from celery import Celery
from redis import Redis

def note(name):
    Redis.from_url(os.environ["BROKER"]).rpush(f"pids of {name}", os.getpid())

app = Celery("whoami", broker=os.environ.get("BROKER"))
task = app.task(note, name="note")
"""


@proof("rq", "celery")
def process_per_job() -> object:
    """Run three jobs by each worker; in which processes?"""
    systems.module("whoami", WHOAMI)
    with broker() as db:
        from celery import Celery

        queue, url, note = rq_queue(), os.environ["BROKER"], import_module("whoami").note
        app = Celery("whoami", broker=url)
        commands = {
            "rq": f"rq worker --url {url}",
            "simple": f"rq worker -w rq.SimpleWorker --url {url}",
            "celery": "celery -A whoami worker -c 1",
        }
        seen = {}
        for name, command in commands.items():
            for _ in range(3):
                app.send_task("note", [name]) if name == "celery" else queue.enqueue(note, name)
            with systems.worker(command) as worker:
                key = f"pids of {name}"
                systems.until(lambda: db.llen(key) == 3)  # noqa: B023
                pids = {int(pid) for pid in db.lrange(key, 0, -1)}
                own = "own" if pids == {worker.pid} else "child"
                seen[name] = "new" if len(pids) == 3 else own
                worker.send(signal.SIGKILL)
    return seen


@proof("celery")
def two_beats() -> object:
    """Start two beats on one schedule; how many of them send it?"""
    import json

    systems.module(
        "clock",
        """
import os
from celery import Celery

app = Celery("clock", broker=os.environ.get("BROKER"))
app.conf.beat_schedule = {"report": {"task": "report", "schedule": 0.5}}
""",
    )

    def senders() -> set[str]:
        messages = map(json.loads, db.lrange("celery", 0, -1))
        return {message["headers"]["origin"] for message in messages}

    with broker() as db, systems.worker("celery -A clock beat"):
        with systems.worker("celery -A clock beat"):
            systems.until(lambda: len(senders()) > 1)
        return len(senders())


@proof("flower")
def flower_doors() -> object:
    """Ask a Flower without any configuration, and without a password."""
    import httpx

    with broker():
        command = "celery --broker {} flower --address=127.0.0.1 --port={{port}}"
        with systems.worker(command.format(os.environ["BROKER"])) as flower:
            paths = {"ui": "/", "api": "/api/workers", "metrics": "/metrics"}
            codes = {name: httpx.get(flower.url + path).status_code for name, path in paths.items()}
    return {name: {200: "open", 401: "closed"}[code] for name, code in codes.items()}


@proof("rq")
def import_enqueues() -> object:
    """Import a module that enqueues its own job, once; then start a worker."""
    with broker() as db:
        systems.module(
            "eager",
            """
import os
from redis import Redis
from rq import Queue

db = Redis.from_url(os.environ["BROKER"])

def work():
    db.incr("ran")

Queue(connection=db).enqueue("eager.work")
""",
        )
        with systems.worker(f"rq worker --url {os.environ['BROKER']}"):
            systems.until(lambda: int(db.get("ran") or 0) >= 4, 10)
            ran = int(db.get("ran") or 0)
    return "more and more" if ran >= 4 else ran


# --- 4. delivery ----------------------------------------------------------------------------------

#: Each task writes down its starts and ends; its first attempt hangs, so that it can be killed.
CRASH = """
import os, time
from celery import Celery
from redis import Redis

db = Redis.from_url(os.environ["BROKER"], decode_responses=True)
app = Celery("crash", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.broker_transport_options = {
    "visibility_timeout": int(os.environ.get("TIMEOUT", 3600)),
    "unacked_restore_interval": 1, "unacked_restore_throttle": 1}

def export(name):
    if db.rpush(name, time.time()) == 1:
        time.sleep(60)
    db.set(f"{name} ended", "yes")

app.task(export, name="early")
app.task(export, name="late", acks_late=True)
app.task(export, name="requeued", acks_late=True, reject_on_worker_lost=True)
app.task(db.incr, name="remind")
"""


@proof("celery")
def killed_child() -> object:
    """Kill the child process that runs a task, under each acknowledgement setting."""
    import psutil

    with broker() as db:
        systems.module("crash", CRASH)
        app, names = import_module("crash").app, ("early", "late", "requeued")
        with systems.worker("celery -A crash worker -c 3") as worker:
            results = {name: app.send_task(name, [name]) for name in names}
            systems.until(lambda: all(map(db.llen, names)))
            for child in psutil.Process(worker.pid).children():
                child.kill()
            for result in results.values():
                result.get(timeout=40, propagate=False)
            worker.send(signal.SIGKILL)
    words = {"FAILURE": "failed", "SUCCESS": "again"}
    return {name: words[result.state] for name, result in results.items()}


@proof("dramatiq")
def events_of_a_message() -> object:
    """Watch a message on its way: a broker and a worker of Dramatiq in this process."""
    import dramatiq
    from dramatiq.brokers.stub import StubBroker

    events = []

    class Watch(dramatiq.Middleware):
        def after_enqueue(self, broker: Any, message: Any, delay: Any) -> None:
            events.append("stored")

        def before_process_message(self, broker: Any, message: Any) -> None:
            events.append("begins")

        def after_ack(self, broker: Any, message: Any) -> None:
            events.append("acknowledged")

    stub = StubBroker(middleware=[Watch()])
    dramatiq.actor(actor_name="work", broker=stub)(lambda: events.append("effect")).send()
    stub_worker(stub)
    return events


@proof("celery")
def redelivery_when() -> object:
    """Kill a whole worker in a late task; start another. The timeout is 6 s in place of 3600."""
    os.environ["TIMEOUT"] = "6"
    with broker() as db:
        systems.module("crash", CRASH)
        import_module("crash").app.send_task("late", ["job"])
        with systems.worker("celery -A crash worker -c 1") as worker:
            systems.until(lambda: db.llen("job"))
            worker.send(signal.SIGKILL)
            worker.wait(10)
        with systems.worker("celery -A crash worker -c 1") as worker:
            systems.until(lambda: db.llen("job") == 2)
            worker.send(signal.SIGKILL)
        starts = [float(moment) for moment in db.lrange("job", 0, -1)]
    if len(starts) < 2:
        return "never"
    return "after the timeout" if starts[1] - starts[0] > 5.5 else "at once"


# --- 5. the visibility timeout --------------------------------------------------------------------


@proof("moto")
def received_again() -> object:
    """Poll for 2.8 s and delete nothing, with a visibility timeout of 1 s."""
    import boto3

    with systems.aws() as cloud:
        who = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
        sqs = boto3.client("sqs", endpoint_url=cloud.url, **who)
        queue = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "1"})
        url = queue["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="charge order 7")
        received, until = 0, time.monotonic() + 2.8
        while time.monotonic() < until:
            received += len(sqs.receive_message(QueueUrl=url).get("Messages", []))
            time.sleep(0.05)
    return received


PARCELS = """
import os
from celery import Celery

app = Celery("parcels", broker=os.environ["SQS"].replace("http://", "sqs://x:x@"))
app.conf.task_default_queue = "jobs"
app.conf.broker_transport_options = {
    "region": "eu-west-1", "wait_time_seconds": 1, "polling_interval": 0.1}

def weigh():
    raise ValueError("no scale here")

app.task(weigh, name="early")
app.task(weigh, name="late", acks_late=True)
app.task(weigh, name="kept", acks_late=True, acks_on_failure_or_timeout=False)
"""


def queues_of_two_receives(url: str) -> tuple[Any, str, str]:
    """Make the queue `jobs`, timeout 2 s, whose messages go to `dead` after two receives."""
    import json

    import boto3

    who = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    sqs = boto3.client("sqs", endpoint_url=url, **who)
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 2}
    how = {"VisibilityTimeout": "2", "RedrivePolicy": json.dumps(policy)}
    return sqs, sqs.create_queue(QueueName="jobs", Attributes=how)["QueueUrl"], dead


def messages_in(sqs: Any, url: str) -> int:
    """Count the messages of a queue, those that are being handled too."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, got.values()))


@proof("celery", "moto")
def sqs_dead_letters() -> object:
    """Run tasks that raise, on a queue that gives a message up after two receives."""
    import base64
    import json
    import re

    with systems.aws() as cloud:
        os.environ["SQS"] = cloud.url
        sqs, jobs, dead = queues_of_two_receives(cloud.url)
        parcels, names = systems.module("parcels", PARCELS), ("early", "late", "kept")
        for name in names:
            parcels.app.send_task(name)
        with systems.worker("celery -A parcels worker --pool solo") as worker:
            systems.until(lambda: messages_in(sqs, dead) and not messages_in(sqs, jobs))
            runs = re.findall(r"Task (\w+)\S+ received", worker.log_text())
            worker.send(signal.SIGKILL)
        letters = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(base64.b64decode(letter["Body"])) for letter in letters]
    buried = [body["headers"]["task"] for body in bodies]
    seen = {name: (runs.count(name), name in buried) for name in names}
    words = {(1, False): "deleted", (2, True): "dead"}
    return {name: words.get(what, "again") for name, what in seen.items()}


@proof("celery")
def eta_runs_again() -> object:
    """A countdown of 4 s under a timeout of 1 s, in place of hours; one worker, never killed."""
    os.environ["TIMEOUT"] = "1"
    with broker() as db:
        systems.module("crash", CRASH)
        app = import_module("crash").app
        with systems.worker("celery -A crash worker --pool solo") as worker:
            app.send_task("remind", ["reminded"], countdown=4)
            systems.until(lambda: db.get("reminded"))
            systems.until(lambda: int(db.get("reminded")) > 1, 3)
            worker.send(signal.SIGKILL)
        return "more than once" if int(db.get("reminded")) > 1 else "once"


# --- 6. twice -------------------------------------------------------------------------------------


@proof("psycopg")
def check_then_act() -> object:
    """Two deliveries of an order at the same time, each of which looks before it charges."""
    from threading import Barrier, Thread

    meet = Barrier(2)

    def process() -> None:
        with connect() as connection:
            query = "SELECT status FROM orders WHERE id = 1"
            status = connection.execute(query).fetchone()[0]
            meet.wait(10)  # both have looked, neither has acted
            if status == "pending":
                connection.execute("INSERT INTO charges VALUES (1)")
                connection.execute("UPDATE orders SET status = 'processed' WHERE id = 1")

    with database() as connect:
        with connect() as connection:
            connection.execute("CREATE TABLE orders (id int, status text)")
            connection.execute("CREATE TABLE charges (order_id int)")
            connection.execute("INSERT INTO orders VALUES (1, 'pending')")
        workers = [Thread(target=process) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with connect() as connection:
            return connection.execute("SELECT count(*) FROM charges").fetchone()[0]


@proof("redis")
def claim_then_crash() -> object:
    """Claim in Redis, die before the effect, deliver again."""
    code = """
import os, redis, sys
db = redis.Redis.from_url(os.environ["BROKER"])
if not db.set("mailed:ada", "1", nx=True, ex=3600):
    db.set("second delivery", "skipped")
elif "die" in sys.argv:
    os._exit(1)
else:
    db.incr("mails")
"""
    with broker() as db:
        for how in ("die", "live"):
            subprocess.run([sys.executable, "-c", code, how], check=False)
        return [db.get("mails"), db.get("second delivery")]


@proof("psycopg")
def key_and_effect() -> object:
    """Insert key and effect in one transaction; die before the commit, and deliver twice more."""
    with database() as connect:
        with connect() as connection:
            connection.execute("CREATE TABLE seen (message text PRIMARY KEY)")
            connection.execute("CREATE TABLE bookings (amount int)")
        for delivery in ("dies", "works", "is one too many"):
            connection = connect()
            query = "INSERT INTO seen VALUES ('m1') ON CONFLICT DO NOTHING RETURNING message"
            if connection.execute(query).fetchone():
                connection.execute("INSERT INTO bookings VALUES (60)")
            if delivery != "dies":
                connection.commit()
            connection.close()
        with connect() as connection:
            return connection.execute("SELECT count(*) FROM bookings").fetchone()[0]


# --- 7. failing -----------------------------------------------------------------------------------


@proof("celery")
def swallowed_failure() -> object:
    """A task that catches its permanent error, logs it and returns."""
    from celery import Celery

    def pay() -> None:
        try:
            raise ValueError("invalid card")
        except ValueError:
            print("permanent failure")

    return Celery("shop").task(pay, name="pay").apply().state


@proof("celery")
def retry_without_raise() -> object:
    """Call retry without raise; count what runs before and after it."""
    from celery import Celery

    counts = {"before": 0, "after": 0}

    def send(self: Any) -> None:
        counts["before"] += 1
        try:
            raise ConnectionError("no mail server")
        except ConnectionError as error:
            self.retry(exc=error, countdown=0)
            counts["after"] += 1

    task = Celery("shop").task(send, name="send", bind=True, max_retries=3)
    task.apply()
    return counts["before"], counts["after"]


@proof("celery")
def backoff_values() -> object:
    """Celery's own pauses for the first five retries, without jitter."""
    from celery.utils.time import get_exponential_backoff_interval

    return [get_exponential_backoff_interval(2, n, 10) for n in range(5)]


BROKEN = """
import os
from celery import Celery

def parse():
    raise ValueError("not a number")

app = Celery("broken", broker=os.environ.get("BROKER"), backend=os.environ.get("BROKER"))
app.task(parse, name="parse")
"""


@proof("rq", "dramatiq", "celery")
def dead_letters() -> object:
    """Let a job fail for good in each library; where is it then?"""
    import dramatiq
    from dramatiq.brokers.stub import StubBroker

    systems.module("broken", BROKEN)
    seen = {}
    with broker() as db:
        parse, queue, stub = import_module("broken").parse, rq_queue(), StubBroker()
        queue.enqueue(parse)
        with systems.worker(f"rq worker --url {os.environ['BROKER']}"):
            systems.until(lambda: queue.failed_job_registry.count)
        seen["rq"] = "registry" if queue.failed_job_registry.count == 1 else "nowhere"
        dramatiq.actor(broker=stub, max_retries=0)(parse).send()
        stub_worker(stub)
        seen["dramatiq"] = "dead" if len(stub.dead_letters) == 1 else "nowhere"
        from celery import Celery

        app = Celery("broken", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
        result = app.send_task("parse")
        with systems.worker("celery -A broken worker --pool solo"):
            result.get(timeout=20, propagate=False)
        waiting = db.llen("celery") + db.hlen("unacked")
        seen["celery"] = "nowhere" if result.state == "FAILURE" and not waiting else "dead"
    return seen


@proof("celery")
def soft_limit_swallowed() -> object:
    """A task that catches Exception runs into its soft time limit."""
    systems.module(
        "careless",
        """
import os, time
from celery import Celery

app = Celery("careless", broker=os.environ.get("BROKER"), backend=os.environ.get("BROKER"))

@app.task(name="fetch", soft_time_limit=1)
def fetch():
    try:
        time.sleep(20)
    except Exception:
        return "no data"
""",
    )
    with broker():
        from celery import Celery

        app = Celery("careless", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
        with systems.worker("celery -A careless worker -c 1") as worker:
            result = app.send_task("fetch")
            result.get(timeout=20, propagate=False)
            worker.send(signal.SIGKILL)
        return result.state


# --- 8. the outbox --------------------------------------------------------------------------------


@proof("rq", "psycopg")
def enqueue_before_commit() -> object:
    """Enqueue in the middle of a transaction; a quick worker looks for the row."""
    systems.module(
        "greeter",
        """
import os
import psycopg

def greet(user_id):
    with psycopg.connect(os.environ["STORE"]) as connection:
        query = "SELECT name FROM users WHERE id = %s"
        row = connection.execute(query, [user_id]).fetchone()
    return row[0] if row else "no such user"
""",
    )
    with database() as connect, broker(), connect() as connection:
        connection.execute("CREATE TABLE users (id int, name text)")
        connection.commit()
        connection.execute("INSERT INTO users VALUES (1, 'ada')")
        job = rq_queue().enqueue(import_module("greeter").greet, 1)
        with systems.worker(f"rq worker --url {os.environ['BROKER']}"):
            systems.until(lambda: job.is_finished)
        return job.return_value()


@proof("psycopg", "redis")
def relay_crash() -> object:
    """A relay sends a row and dies before it marks it; the next one runs."""

    def relay(dies: bool) -> None:
        connection = connect()
        query = "SELECT id FROM outbox WHERE sent_at IS NULL ORDER BY id FOR UPDATE SKIP LOCKED"
        for [row] in connection.execute(query).fetchall():
            db.rpush("queue", row)
            if dies:
                break
            connection.execute("UPDATE outbox SET sent_at = now() WHERE id = %s", [row])
            connection.commit()
        connection.close()

    with database() as connect, broker() as db:
        with connect() as connection:
            connection.execute("CREATE TABLE outbox (id int, sent_at timestamptz)")
            connection.execute("INSERT INTO outbox VALUES (1)")
        relay(dies=True)

        def all_marked() -> object:
            relay(dies=False)
            with connect() as connection:
                query = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
                return connection.execute(query).fetchone()[0] == 0

        systems.until(all_marked)
        return db.llen("queue")


# --- 9. the database as the queue -----------------------------------------------------------------


@proof("psycopg")
def skip_locked() -> object:
    """Two transactions, open at the same time, each take a job."""
    query = "SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    with database() as connect:
        with connect() as connection:
            connection.execute("CREATE TABLE jobs (id int)")
            connection.execute("INSERT INTO jobs VALUES (1), (2), (3)")
        with connect() as first, connect() as second:
            return first.execute(query).fetchone()[0], second.execute(query).fetchone()[0]


@proof("procrastinate")
def deferred_and_rolled_back() -> object:
    """Defer a task on a connection of our own, and roll that back; how many jobs are there?"""
    import asyncio

    import psycopg
    from procrastinate import App, PsycopgConnector

    async def run() -> object:
        app = App(connector=PsycopgConnector(conninfo=os.environ["STORE"]))
        welcome = app.task(name="welcome")(lambda email: None)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            async with await psycopg.AsyncConnection.connect(os.environ["STORE"]) as connection:
                await welcome.configure(connection=connection).defer_async(email="ada@example.org")
                await connection.rollback()
                cursor = await connection.execute("SELECT count(*) FROM procrastinate_jobs")
                [jobs] = [row[0] async for row in cursor]
                return jobs

    with database():
        return asyncio.run(run())


# --- chapter quiz ---------------------------------------------------------------------------------


@proof("celery")
def celery_app_lookup() -> object:
    """A package whose application stands in celery_app.py; start a worker by the package's name."""
    from pathlib import Path

    folder = Path(str(systems.module("beside", "").__file__)).with_name("billing")
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "celery_app.py").write_text("from celery import Celery\napp = Celery('billing')\n")
    try:
        systems.worker("celery -A billing worker").stop()
    except ProcessFailed as error:
        return "no attribute" if "has no attribute 'celery'" in str(error) else "another error"
    return "it starts"


@proof("celery")
def two_import_paths() -> object:
    """Set something on the application of one path, and call a task that came by the other."""
    from pathlib import Path

    folder = Path(str(systems.module("beside", "").__file__)).with_name("myapp")
    folder.mkdir()
    sys.path.append(str(folder))  # both the project and the package: that is the mistake
    files = {
        "__init__": "",
        "celery_app": "from celery import Celery\napp = Celery('myapp', broker='memory://')\n",
        "tasks": """
from celery_app import app

ran = []

@app.task
def resize(key):
    ran.append(key)
""",
    }
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    app, tasks = import_module("myapp.celery_app").app, import_module("myapp.tasks")
    app.conf.task_always_eager = True
    try:
        tasks.resize.delay("7.jpg")
    except Exception as error:
        return type(error).__name__
    return "ran" if tasks.ran else "sent"


@proof("celery")
def duplicate_names() -> object:
    """Two tasks of one name in one application."""
    import warnings

    from celery import Celery

    app = Celery("shop")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")

        @app.task(name="shop.process")
        def of_orders() -> str:
            return "first"

        @app.task(name="shop.process")
        def of_returns() -> str:
            return "second"

        app.finalize()
        ours = [name for name in app.tasks if name.startswith("shop.")]
    return [len(ours), *sorted({type(one.message).__name__ for one in told})]


@proof("rq")
def rq_no_value() -> object:
    """Ask three jobs for their value: one waits, one has failed, one has returned nothing."""
    import warnings

    systems.module("plain", "def fail():\n    raise ValueError\n\ndef silent():\n    pass\n")
    with broker():
        queue, plain = rq_queue(), import_module("plain")
        jobs = [queue.enqueue(plain.fail), queue.enqueue(plain.silent)]
        with systems.worker(f"rq worker --burst --url {os.environ['BROKER']}") as worker:
            worker.wait(30)
        jobs.insert(0, queue.enqueue(plain.silent))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            jobs[0].result  # noqa: B018  # the old name of return_value()
        assert [warning.category for warning in told] == [DeprecationWarning]
        return [(job.get_status().value, job.return_value()) for job in jobs]


@proof("rq")
def rq_main() -> object:
    """Enqueue a function that is defined in the script itself."""
    code = """
import os
from redis import Redis
from rq import Queue

def work():
    pass

try:
    Queue(connection=Redis.from_url(os.environ["BROKER"])).enqueue(work)
    print("enqueued")
except Exception as error:
    print(type(error).__name__)
"""
    with broker():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.splitlines()[-1]


@proof("dramatiq")
def time_limit_in_c() -> object:
    """A limit of 0.5 s on an actor that sleeps for 2 s; when is it raised?"""
    import dramatiq
    from dramatiq.brokers.stub import StubBroker
    from dramatiq.middleware import TimeLimit, TimeLimitExceeded

    stub, seen = StubBroker(middleware=[TimeLimit(interval=100)]), []
    stub.emit_after("process_boot")  # as the dramatiq command does: it starts the limit's watch

    def work() -> None:
        began = time.monotonic()
        try:
            time.sleep(2)
            time.sleep(0.5)
        except TimeLimitExceeded:
            late = time.monotonic() - began >= 1.9
            seen.append("after the sleep" if late else "in the sleep")

    dramatiq.actor(broker=stub, time_limit=500)(work).send()
    stub_worker(stub)
    return seen[0] if seen else "never"


@proof("dramatiq")
def results_middleware() -> object:
    """Ask for a result where no Results middleware is installed."""
    import dramatiq
    from dramatiq.brokers.stub import StubBroker

    stub = StubBroker()
    message = dramatiq.actor(actor_name="seven", broker=stub)(lambda: 7).send()
    stub_worker(stub)
    try:
        return message.get_result(backend=None)
    except Exception as error:
        return type(error).__name__
