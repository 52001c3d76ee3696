"""What leaves is verified by somebody else's code first: the first message of each edition, and one in a thousand."""

from __future__ import annotations

import asyncio
from datetime import date as Date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from composer.database import read_only
from composer.delivery.tables import deliveries, mailings
from composer.delivery.worker import prefetch
from composer.delivery.worker.worker import Worker
from composer.issue.model import IssueKey
from composer.message import SlotValues, Template
from composer.message.dkim import Signer, new_key, verified
from composer.message.template import TemplatePiece
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.sample_ledger import opened, ready, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_worker import run

VALUES = SlotValues(to="anne@example.org", message_id="b-x", unsubscribe="token")


@pytest.mark.parametrize("blank", [b"", b"  \t"])  # a body that is canonical as it stands, and one that is not
def test_a_letter_signed_ahead_is_the_letter_signed(blank: bytes) -> None:
    signer = Signer("example.org", "essai", new_key())
    pieces: list[TemplatePiece] = [b"From: a@example.org\r\nTo: <", "to", b">\r\nMessage-ID: <", "message_id"]
    pieces += [b"@example.org>\r\n\r\nout: ", "unsubscribe", blank + b"\r\nand again ", "unsubscribe", b"\r\n"]
    template = Template.of(pieces)
    assert signer.fill(template, VALUES) == signer.sign(template.fill(VALUES))
    assert verified(signer.fill(template, VALUES), signer.record)
    assert not verified(signer.fill(template, VALUES).replace(b"again", b"never"), signer.record)


async def test_a_message_that_does_not_verify_pauses_the_mailing_and_leaves_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "verified", lambda content, record: False)
    (tmp_path / "dkim.pem").write_bytes(new_key())
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, dkim=True)
        await run(ledger)
        assert states(ledger.engine) == {"anne@example.org": "queued"}
        assert relay.accepted == []
    with read_only(ledger.engine).connect() as connection:
        state, reason = connection.execute(select(mailings.c.state, mailings.c.reason)).one()
    assert state == "paused"
    assert "does not verify" in reason


@pytest.mark.slow
async def test_what_was_read_and_verified_of_a_mailing_is_forgotten_once_another_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[prefetch.Prefetcher] = []

    def supplied(*given: Any, **named: Any) -> prefetch.Prefetcher:
        made.append(prefetch.Prefetcher(*given, **named))
        return made[-1]

    monkeypatch.setattr("composer.delivery.worker.worker.Prefetcher", supplied)
    (tmp_path / "dkim.pem").write_bytes(new_key())
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, dkim=True)
        worker = Worker(ledger.engine, ledger.room, SECRET, poll=0.05)
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(stop))
        try:
            for count, day in enumerate((27, 28, 29), 1):
                if count > 1:
                    key = IssueKey("vendredi", Date(2026, 11, day))
                    assert opened(ledger.engine, ledger.room, key=key) is not None
                async with asyncio.timeout(30):
                    while len(relay.accepted) < count:  # noqa: ASYNC110 # reason: the relay's state
                        await asyncio.sleep(0.02)
            with read_only(ledger.engine).connect() as connection:
                editions = select(deliveries.c.edition_id).order_by(deliveries.c.id.desc())
                assert made[0]._verified == {connection.execute(editions).scalars().first()}
        finally:
            stop.set()
            await asyncio.wait_for(running, 30)
