"""Pause, resume, cancel and amend, while two workers send: real processes on one database, counted at the relay."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from composer.approval.model import Seal
from composer.database import read_only
from composer.delivery.amendment import amend
from composer.delivery.control import cancel, pause, resume
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.tables import deliveries, mailing_editions
from tests.delivery.support.fake_relay import Relay, listening
from tests.delivery.support.sample_ledger import Ready, ready, seal, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.support import databases

pytestmark = pytest.mark.usefixtures("each_engine")

READERS, WORKERS, CONNECTIONS = 400, 2, 2
OLD, NEW = b"La digue tiendra.", b"La digue tient."


def slow(step: str, address: str) -> bytes | None:
    """The relay accepts everything, and takes its time over each message."""
    if step == "DOT":
        time.sleep(0.008)
    return None


async def until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(900):
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never: {what}")


@asynccontextmanager
async def sending(folder: Path) -> AsyncIterator[tuple[Ready, Relay]]:
    """A mailing that two workers are in the middle of."""
    async with listening(slow) as relay:
        ledger = ready(folder, relay.port, [f"reader{number:03d}@example.org" for number in range(READERS)])
        numbers = str(relay.port), str(CONNECTIONS)
        command = [
            sys.executable,
            "-m",
            "tests.delivery.support.sender_process",
            str(folder),
            *numbers,
            databases.url(folder),
            "stay",
        ]
        pipe = asyncio.subprocess.PIPE
        senders = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(WORKERS)]
        try:
            for process in senders:
                assert process.stdout is not None
                assert process.stdin is not None
                assert await process.stdout.readline() == b"ready\n"
            for process in senders:
                assert process.stdin is not None
                process.stdin.close()
            await until(lambda: len(relay.received) >= 40, "the first messages")
            yield ledger, relay
            for process in senders:
                process.send_signal(signal.SIGTERM)
            ended = [await process.communicate() for process in senders]
            assert [process.returncode for process in senders] == [0] * WORKERS, ended
        finally:
            for process in senders:
                if process.returncode is None:
                    process.kill()


@pytest.mark.slow
async def test_paused_nothing_leaves_two_seconds_later_resumed_it_goes_on_cancelled_it_adds_up(tmp_path: Path) -> None:
    async with sending(tmp_path) as (ledger, relay):
        pause(ledger.engine, ledger.mailing)
        await asyncio.sleep(2)
        left = len(relay.received)
        found = Counter(states(ledger.engine).values())
        assert found.keys() == {"accepted", "queued"}  # what workers had claimed was given back
        assert found["accepted"] == left < READERS
        await asyncio.sleep(2)
        assert len(relay.received) == left

        resume(ledger.engine, ledger.mailing)
        await until(lambda: len(relay.received) >= left + 40, "messages after the pause")

        cancel(ledger.engine, ledger.mailing)
        await asyncio.sleep(2)
        left = len(relay.received)
        found = Counter(states(ledger.engine).values())
        assert found == {"accepted": left, "cancelled": READERS - left}
        await asyncio.sleep(2)
        assert len(relay.received) == left < READERS
        assert set(Counter(to for to, _ in relay.received).values()) == {1}


def corrected() -> Seal:
    return replace(seal(words=NEW.decode()), digest="1" * 64, subject="La digue tient")


def in_first_edition(ledger: Ready) -> set[str]:
    """Who has the first edition, or may have it."""
    query = select(deliveries.c.email).join_from(deliveries, mailing_editions)
    theirs = mailing_editions.c.version == 1, deliveries.c.state.in_(("accepted", "in_flight", "in_doubt"))
    with read_only(ledger.engine).connect() as connection:
        return set(connection.execute(query.where(*theirs)).scalars())


@pytest.mark.slow
async def test_amended_the_accepted_keep_theirs_and_the_others_get_the_corrected_one(tmp_path: Path) -> None:
    async with sending(tmp_path) as (ledger, relay):
        with ledger.engine.begin() as connection:  # under way: what the workers have in hand is the first edition
            waiting = amend(connection, ledger.mailing, seal=corrected(), newsroom=ledger.room, secret=SECRET)
        first = in_first_edition(ledger)
        await until(lambda: outcomes(ledger.engine, ledger.mailing) == {"accepted": READERS}, "every reader")
        received = dict(relay.received)
        assert len(relay.received) == len(received) == READERS
        assert {to for to, content in received.items() if OLD in content} == first == in_first_edition(ledger)
        assert {to for to, content in received.items() if NEW in content} == received.keys() - first
        assert 0 < READERS - len(first) <= waiting < READERS
