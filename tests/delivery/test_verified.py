"""What leaves is verified by somebody else's code first: the first message of each edition, and one in a thousand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from composer.database import reading
from composer.delivery import supply
from composer.delivery.tables import mailings
from composer.message import SlotValues, Template
from composer.message.dkim import Signer, new_key, verified
from composer.message.template import Piece
from tests.delivery.ledgers import ready, states
from tests.delivery.relay import listening
from tests.delivery.test_worker import run

VALUES = SlotValues(to="anne@example.org", message_id="b-x", unsubscribe="token")


@pytest.mark.parametrize("blank", [b"", b"  \t"])  # a body that is canonical as it stands, and one that is not
def test_a_letter_signed_ahead_is_the_letter_signed(blank: bytes) -> None:
    signer = Signer("example.org", "essai", new_key())
    pieces: list[Piece] = [b"From: a@example.org\r\nTo: <", "to", b">\r\nMessage-ID: <", "message_id"]
    pieces += [b"@example.org>\r\n\r\nout: ", "unsubscribe", blank + b"\r\nand again ", "unsubscribe", b"\r\n"]
    template = Template.of(pieces)
    assert signer.fill(template, VALUES) == signer.sign(template.fill(VALUES))
    assert verified(signer.fill(template, VALUES), signer.record)
    assert not verified(signer.fill(template, VALUES).replace(b"again", b"never"), signer.record)


async def test_a_message_that_does_not_verify_pauses_the_mailing_and_leaves_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "verified", lambda content, record: False)
    (tmp_path / "dkim.pem").write_bytes(new_key())
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, dkim=True)
        await run(ledger)
        assert states(ledger.engine) == {"anne@example.org": "queued"}
        assert relay.accepted == []
    with reading(ledger.engine).connect() as connection:
        state, reason = connection.execute(select(mailings.c.state, mailings.c.reason)).one()
    assert state == "paused"
    assert "does not verify" in reason
