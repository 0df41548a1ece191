"""What chapter 06 claims of delivery, loss and duplication, on the real brokers.

What runs on Valkey, PostgreSQL or SQS is claimed by the proofs of the topic, once in each run; here
it is repeated in the soak. What needs RabbitMQ is claimed here.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from redis import Redis

from workbook import systems
from workbook.bank import agrees, load_bank
from workbook.sandbox import run_proof

pytestmark = pytest.mark.needs_unix

TOPIC = load_bank()["background_tasks"]
REPEATED = [
    "what_survives",
    "killed_child",
    "redelivery_when",
    "received_again",
    "eta_runs_again",
    "check_then_act",
    "claim_then_crash",
    "key_and_effect",
    "enqueue_before_commit",
    "relay_crash",
    "skip_locked",
    "deferred_and_rolled_back",
]
#: Each task writes down its starts and ends; its first attempt hangs, so that it can be killed.
TASKS = """
import os, time
from celery import Celery
from redis import Redis

db = Redis.from_url(os.environ["LOG"], decode_responses=True)
app = Celery("rabbit_tasks", broker=os.environ["RABBIT"], backend=os.environ["LOG"])

def export(name):
    if db.rpush(name, "start") == 1:
        time.sleep(60)
    db.rpush(name, "end")

app.task(export, name="early")
app.task(export, name="late", acks_late=True)
"""


@pytest.fixture(scope="module")
def rabbit() -> Iterator[systems.Service]:
    with systems.rabbitmq() as service:
        yield service


def connect(service: systems.Service) -> Any:
    parameters = pika.URLParameters(f"{service.url[:-1]}%2F")
    return pika.BlockingConnection(parameters).channel()


def kill_a_worker(rabbit: systems.Service) -> dict[str, list[str]]:
    """Kill a worker of Celery on RabbitMQ in the middle of two tasks; start another one."""
    with systems.valkey() as store:
        os.environ |= {"LOG": store.url, "RABBIT": rabbit.url}
        app = systems.module("rabbit_tasks", TASKS).app
        db: Any = Redis.from_url(store.url, decode_responses=True)
        first = systems.worker("celery -A rabbit_tasks worker -c 2")
        for name in ("early", "late"):
            app.send_task(name, [name])

        def acknowledged() -> dict[str, bool]:
            active = app.control.inspect(timeout=1).active() or {}
            return {task["name"]: task["acknowledged"] for all in active.values() for task in all}

        assert systems.until(lambda: acknowledged() == {"early": True, "late": False})
        first.send(signal.SIGKILL)
        first.wait(10)
        with systems.worker("celery -A rabbit_tasks worker -c 2") as second:
            systems.until(lambda: "end" in db.lrange("late", 0, -1))
            second.send(signal.SIGKILL)
        app.control.purge()
        app.close()
        del sys.modules["rabbit_tasks"]
        return {name: db.lrange(name, 0, -1) for name in ("early", "late")}


def deliveries_of_poison(rabbit: systems.Service) -> tuple[int, str]:
    """Requeue a message of a quorum queue until it is dead; count its deliveries."""
    channel = connect(rabbit)
    for name in ("work", "dead"):
        channel.queue_delete(name)
    channel.queue_declare("dead")
    limit = {"x-queue-type": "quorum", "x-delivery-limit": 2}
    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    channel.queue_declare("work", durable=True, arguments=limit | dead)
    channel.basic_publish("", "work", b"poison")
    deliveries = 0
    while not (letter := channel.basic_get("dead", auto_ack=True))[2]:
        delivery, *_ = channel.basic_get("work")
        if delivery:
            deliveries += 1
            channel.basic_nack(delivery.delivery_tag, requeue=True)
    channel.connection.close()
    return deliveries, letter[1].headers["x-death"][0]["reason"]


def redelivered_after_a_lost_connection(rabbit: systems.Service) -> bool:
    """Take a message, lose the connection; is it there at once for another consumer?"""
    channel, other = connect(rabbit), connect(rabbit)
    channel.queue_declare("unacknowledged")
    channel.queue_purge("unacknowledged")
    channel.basic_publish("", "unacknowledged", b"x")
    assert systems.until(lambda: other.basic_get("unacknowledged")[2], 5)
    assert channel.basic_get("unacknowledged")[2] is None
    other.connection.close()
    method = systems.until(lambda: channel.basic_get("unacknowledged", auto_ack=True)[0], 5)
    channel.connection.close()
    return bool(method and method.redelivered)


EXPECTED = {"early": ["start"], "late": ["start", "start", "end"]}


@pytest.mark.needs_rabbitmq
def test_a_killed_worker_loses_what_it_acknowledged_early(rabbit: systems.Service) -> None:
    assert kill_a_worker(rabbit) == EXPECTED


@pytest.mark.needs_rabbitmq
def test_rabbitmq_sees_a_broken_connection_and_counts_deliveries(rabbit: systems.Service) -> None:
    assert redelivered_after_a_lost_connection(rabbit)
    assert deliveries_of_poison(rabbit) == (3, "delivery_limit")


@pytest.mark.needs_rabbitmq
def test_a_full_queue_refuses_and_says_so(rabbit: systems.Service) -> None:
    channel = connect(rabbit)
    channel.confirm_delivery()
    channel.queue_declare("full", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    channel.basic_publish("", "full", b"fits")
    with pytest.raises(pika.exceptions.NackError):
        channel.basic_publish("", "full", b"one too many")
    channel.connection.close()


# ---------------------------------------------------------------- soak


@pytest.mark.soak
@pytest.mark.parametrize("name", REPEATED)
def test_a_claim_holds_twenty_times(name: str, soak_row: Callable[[str, str], None]) -> None:
    [question] = [each for each in TOPIC.questions.values() if each.proof == name]
    seen = [run_proof(TOPIC.path / "proofs.py", name) for _ in range(20)]
    held = sum(one.error is None and agrees(question, one) for one in seen)
    soak_row(f"{name}, on the real thing", f"{held} of 20")
    assert held == 20, [one for one in seen if one.error or not agrees(question, one)]


@pytest.mark.soak
@pytest.mark.needs_rabbitmq
def test_the_claims_on_rabbitmq_hold_twenty_times(
    rabbit: systems.Service, soak_row: Callable[[str, str], None]
) -> None:
    claims: dict[str, Callable[[], bool]] = {
        "early is lost, late runs again": lambda: kill_a_worker(rabbit) == EXPECTED,
        "redelivered when a connection breaks": lambda: redelivered_after_a_lost_connection(rabbit),
        "dead after the delivery limit": lambda: deliveries_of_poison(rabbit)[0] == 3,
    }
    held = {claim: sum(check() for _ in range(20)) for claim, check in claims.items()}
    for claim, count in held.items():
        soak_row(f"RabbitMQ: {claim}", f"{count} of 20")
    assert set(held.values()) == {20}


@pytest.mark.soak
@pytest.mark.needs_rabbitmq
def test_rabbitmq_gives_up_on_a_consumer_that_holds_a_message(
    soak_row: Callable[[str, str], None],
) -> None:
    """``consumer_timeout`` is 30 minutes by default, 2 s here; it is looked at once a minute."""
    with systems.rabbitmq(consumer_timeout=2000) as service:
        channel = connect(service)
        channel.queue_declare("held")
        channel.basic_publish("", "held", b"x")
        channel.basic_consume("held", lambda *_: None)
        channel.connection.call_later(180, channel.stop_consuming)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="PRECONDITION_FAILED"):
            channel.start_consuming()
        channel.connection.close()
    soak_row("RabbitMQ closes the channel of a consumer that holds a message too long", "1 of 1")
