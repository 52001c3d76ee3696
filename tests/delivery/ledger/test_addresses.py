"""No line of the log above debug holds a reader's address, whatever relays repeat of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog

from composer.delivery.worker.worker import Worker
from tests.delivery.support.fake_relay import HANG_UP, listening
from tests.delivery.support.sample_ledger import ready, states
from tests.delivery.support.sample_newsroom import SECRET

READERS = ["anne@example.org", "boris@example.org", "chloe@example.org", "denis@example.org", "emma@example.org"]


def telling(step: str, address: str) -> bytes | None:
    """A relay that repeats the address in whatever it refuses."""
    said = f"<{address}>: user {address.upper()} unknown, to={address}".encode()
    refusals = {
        ("RCPT", READERS[0]): b"550 5.2.1 " + said,
        ("RCPT", READERS[1]): b"451 4.2.0 " + said,
        ("DOT", READERS[2]): b"554 5.6.0 " + said,
        ("DOT", READERS[3]): HANG_UP,
    }
    return refusals.get((step, address))


@pytest.mark.slow
async def test_no_address_is_logged_above_debug(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with listening(telling) as relay:
            ledger = ready(tmp_path, relay.port, READERS, retry=["1h"])
            stop = asyncio.Event()
            working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
            for _ in range(1200):
                if not {"queued", "claimed", "in_flight"} & set(states(ledger.engine).values()):
                    break
                await asyncio.sleep(0.05)
            stop.set()
            await working
    events = {str(entry["event"]) for entry in logs}
    assert {"rejected", "deferred", "in_doubt", "accepted"} <= events
    lines = [str(entry) for entry in logs if entry["log_level"] != "debug"]
    assert [line for line in lines if "@" in line or "example.org" in line.lower()] == []
