"""What chapter 07 says of loss and isolation holds each time, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbook.bank import agrees, load_bank
from workbook.sandbox import run_proof

TOPIC = load_bank()["database_layer"]
CLAIMS = {
    "row_that_survives": "a repository that commits: the row survives the rollback",
    "commit_and_response": "a commit that fails after the response: the client has a 200",
    "gather_on_sessions": "two tasks on one session: refused, or one after the other",
    "lost_update": "READ COMMITTED: an update is lost",
    "cures_of_a_lost_update": "four cures: no update is lost",
    "second_writer": "REPEATABLE READ: the second writer is refused",
    "write_skew": "write skew: only SERIALIZABLE prevents it",
    "stale_version": "a version counter: the second writer is refused",
    "deadlock": "a deadlock: one transaction is ended, the other commits",
    "after_a_restart": "a restart: pre-ping saves the next statement, not a transaction",
    "queue_behind_an_alter": "readers queue behind an ALTER TABLE that waits",
    "prepared_statements": "asyncpg through transaction pooling: prepared statements fail",
    "what_a_pooler_keeps_apart": "transaction pooling: only what ends with the transaction is safe",
}


@pytest.mark.soak
@pytest.mark.needs_unix
@pytest.mark.needs_pgbouncer
@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_holds_twenty_times(name: str, soak_row: Callable[[str, str], None]) -> None:
    question = TOPIC.questions[name]
    proofs = TOPIC.path / "proofs.py"
    held = sum(agrees(question, run_proof(proofs, question.proof or "")) for _ in range(20))
    soak_row(CLAIMS[name], f"{held} of 20")
    assert held == 20
