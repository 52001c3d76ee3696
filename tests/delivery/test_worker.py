"""The worker against a relay on a real socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

from composer.delivery import Worker, outcomes
from tests.delivery.ledgers import Ready, ready, states
from tests.delivery.relay import listening
from tests.delivery.rooms import SECRET


async def run(ledger: Ready, **options: object) -> None:
    """A worker, until nothing is left to do."""
    worker = Worker(ledger.engine, ledger.room, SECRET, poll=0.05, **options)  # type: ignore[arg-type] # reason: as given
    await asyncio.wait_for(worker.run(asyncio.Event(), until_idle=True), 30)


async def test_one_message_reaches_the_relay_and_the_ledger_says_so(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port)
        await run(ledger)
        assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 1}
        assert relay.accepted == ["anne@example.org"]
        assert b"Subject: La digue tiendra\r\n" in relay.messages["anne@example.org"]
        assert states(ledger.engine) == {"anne@example.org": "accepted"}
