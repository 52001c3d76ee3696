"""The crash table of docs/delivery.md, a test a row: the sender is a real process, killed at that instant.

Each says what the ledger then holds, once a successor looked after it, and what the relay got.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from composer.delivery.control import pause, resume
from tests.delivery.support.fake_relay import SILENCE, at, listening, ordinary
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.worker.test_kill import begin, sender
from tests.delivery.worker.test_worker import run

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE, BORIS = "anne@example.org", "boris@example.org"


@asynccontextmanager
async def sending(ledger: Ready, port: int, connections: int = 2) -> AsyncIterator[subprocess.Popen[str]]:
    """A sender at work, which is killed at the end of the block."""
    process = await asyncio.to_thread(lambda: begin(sender(ledger.room.root, port, connections)))
    try:
        yield process
    finally:
        assert process.poll() is None, process.communicate()[0]
        process.kill()
        await asyncio.to_thread(process.communicate)


def lock(ledger: Ready) -> Connection:
    """Nobody else can write to the ledger until this is closed."""
    connection = ledger.engine.connect()
    connection.begin()  # on SQLite, BEGIN IMMEDIATE
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE deliveries IN EXCLUSIVE MODE"))
    return connection


async def test_killed_before_the_claim_everything_is_still_queued(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        pause(ledger.engine, ledger.mailing)
        process = await asyncio.to_thread(lambda: sender(tmp_path, relay.port))
        process.kill()
        await asyncio.to_thread(process.communicate)
        assert states(ledger.engine) == {ANNE: "queued"}
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "accepted"}
        assert relay.accepted == [ANNE]


@pytest.mark.slow
async def test_killed_once_claimed_the_delivery_is_queued_again(tmp_path: Path) -> None:
    async with listening(at("RCPT", SILENCE)) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        async with sending(ledger, relay.port):
            await relay.reached["RCPT"].wait()
            assert states(ledger.engine) == {ANNE: "claimed"}
        relay.script = ordinary
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "accepted"}
        assert relay.accepted == [ANNE]


@pytest.mark.slow
async def test_killed_with_the_body_written_no_dot_was_and_it_is_queued_again(tmp_path: Path) -> None:
    """While the mark cannot be committed, the body is on the wire and the dot is not."""
    held: list[Connection] = []

    def hold_the_ledger(step: str, address: str) -> bytes | None:
        if step == "DATA" and not held:
            held.append(lock(ledger))
        return None

    async with listening(hold_the_ledger) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        async with sending(ledger, relay.port):
            await relay.reached["BODY"].wait()
            await asyncio.sleep(0.3)  # time in which a wrong sender would write its dot
        assert not relay.reached["DOT"].is_set()
        held[0].close()
        assert states(ledger.engine) == {ANNE: "claimed"}
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "accepted"}
        assert relay.accepted == [ANNE]


@pytest.mark.slow
async def test_killed_after_the_dot_the_delivery_is_in_doubt_and_not_sent_again(tmp_path: Path) -> None:
    async with listening(at("DOT", SILENCE)) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        async with sending(ledger, relay.port):
            await relay.reached["DOT"].wait()
            assert states(ledger.engine) == {ANNE: "in_flight"}
        relay.script = ordinary
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "in_doubt"}
        assert relay.accepted == [ANNE]


@pytest.mark.slow
async def test_killed_with_the_reply_read_and_not_recorded_the_delivery_is_in_doubt(tmp_path: Path) -> None:
    held: list[Connection] = []

    def hold_the_ledger(step: str, address: str) -> bytes | None:
        if step == "DOT":
            held.append(lock(ledger))
        return None

    async with listening(hold_the_ledger) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        async with sending(ledger, relay.port):
            await relay.reached["DOT"].wait()
            await asyncio.sleep(0.3)  # time to read the 250, which cannot be recorded
        held[0].close()
        relay.script = ordinary
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "in_doubt"}
        assert relay.accepted == [ANNE]


@pytest.mark.slow
async def test_killed_once_recorded_the_delivery_stays_accepted(tmp_path: Path) -> None:
    """One connection: Boris's turn comes while Anne's outcome is being committed, and his dot is not before it."""

    def second_waits(step: str, address: str) -> bytes | None:
        if (step, address) != ("RCPT", BORIS):
            return None
        relay.reached["second"].set()
        return SILENCE

    async with listening(second_waits) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS])
        async with sending(ledger, relay.port, connections=1):
            await relay.reached["second"].wait()
            while states(ledger.engine)[ANNE] == "in_flight":  # noqa: ASYNC110 # reason: another process's state
                await asyncio.sleep(0.02)
            assert states(ledger.engine) == {ANNE: "accepted", BORIS: "claimed"}
        relay.script = ordinary
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "accepted", BORIS: "accepted"}
        assert relay.accepted == [ANNE, BORIS]
