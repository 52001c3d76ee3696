"""Amending a mailing, by the gates of the ledger: who has nothing yet gets the corrected edition, nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.approval.model import Seal
from composer.database import read_only
from composer.delivery.amendment import amend
from composer.delivery.control import cancel, pause
from composer.delivery.ledger import resend
from composer.delivery.ledger.claims import Claimed
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.messages import build_message, mailing_templates
from composer.delivery.smtp.reply import Phase, Reply, Retry, judge, lost
from composer.delivery.tables import deliveries, mailing_editions, mailings
from composer.errors import Refused
from tests.delivery.support.ledger_calls import claimed, joined, marked, settled
from tests.delivery.support.sample_ledger import KEY, Ready, ready, seal, states
from tests.delivery.support.sample_newsroom import SECRET

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE, BORIS, CHLOE = "anne@example.org", "boris@example.org", "chloe@example.org"
ACCEPTED = judge(Phase.DOT, Reply(250, None, "kept"), Retry())


def corrected(number: int = 1) -> Seal:
    return replace(seal(words=f"La digue tient {number}."), digest=str(number) * 64, subject="La digue tient")


def amended(ledger: Ready, sealed: Seal | None = None) -> int:
    with ledger.engine.begin() as connection:
        return amend(connection, ledger.mailing, seal=sealed or corrected(), newsroom=ledger.room, secret=SECRET)


def printed(ledger: Ready, one: Claimed) -> bytes:
    with read_only(ledger.engine).connect() as connection:
        return build_message(
            mailing_templates(connection, ledger.mailing, lambda: None, SECRET), one.inputs, SECRET
        ).content


def mailing(ledger: Ready) -> tuple[str, int, str]:
    with read_only(ledger.engine).connect() as connection:
        row = find(connection, ledger.mailing)
    return row.state, row.version, row.subject


def test_what_waits_is_claimed_in_the_newest_of_several_corrections(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    pause(ledger.engine, ledger.mailing)
    assert amended(ledger) == 1
    assert amended(ledger, corrected(2)) == 1
    assert mailing(ledger) == ("sending", 3, "La digue tient")
    (one,) = claimed(ledger.engine, joined(ledger.engine))
    assert b"La digue tient 2." in printed(ledger, one)
    assert marked(ledger.engine, [one]) == [True]


def test_what_was_claimed_before_never_leaves_and_is_claimed_again_corrected(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    worker = joined(ledger.engine)
    old = claimed(ledger.engine, worker)
    amended(ledger)
    assert states(ledger.engine) == {ANNE: "queued"}
    assert marked(ledger.engine, old) == [False]
    (new,) = claimed(ledger.engine, worker)
    assert (b"La digue tiendra." in printed(ledger, old[0]), b"La digue tient 1." in printed(ledger, new)) == (
        True,
        True,
    )
    assert marked(ledger.engine, old) == [False]
    assert marked(ledger.engine, [new]) == [True]


def test_the_last_look_refuses_the_old_edition_of_a_claim_that_was_committed_meanwhile(tmp_path: Path) -> None:
    """On PostgreSQL a claim that began before the amendment may be committed after it."""
    ledger = ready(tmp_path, readers=[ANNE])
    worker = joined(ledger.engine)
    old = claimed(ledger.engine, worker)
    amended(ledger)
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state="claimed", worker_id=worker))
    assert marked(ledger.engine, old) == [False]
    assert states(ledger.engine) == {ANNE: "queued"}


def test_in_flight_at_the_amendment_accepted_keeps_it_and_refused_gets_the_corrected_one(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS, CHLOE])
    worker = joined(ledger.engine)
    anne, boris, chloe = claimed(ledger.engine, worker)
    marked(ledger.engine, [anne, boris])
    assert amended(ledger) == 1
    settled(ledger.engine, [anne], ACCEPTED)
    settled(ledger.engine, [boris], judge(Phase.DOT, Reply(451, None, "later"), Retry((timedelta(minutes=5),))))
    settled(ledger.engine, [chloe], ACCEPTED)  # a claim that is not its own any more
    assert states(ledger.engine) == {ANNE: "accepted", BORIS: "deferred", CHLOE: "queued"}
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.state == "deferred").values(state="queued"))
    again = claimed(ledger.engine, worker)
    assert [one.inputs.email for one in again] == [BORIS, CHLOE]
    assert all(b"La digue tient 1." in printed(ledger, one) for one in again)
    assert marked(ledger.engine, again) == [True, True]  # whatever edition another reader got


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["resent before", "resent after"])
def test_a_doubt_that_is_resent_is_the_same_bytes_whenever_the_mailing_was_amended(
    tmp_path: Path, before: bool
) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    worker = joined(ledger.engine)
    anne, _boris = claimed(ledger.engine, worker)
    first = printed(ledger, anne)
    marked(ledger.engine, [anne])
    settled(ledger.engine, [anne], lost(Phase.DOT, "gone", Retry()))
    steps: list[Callable[[], int]] = [
        lambda: resend.resend(ledger.engine, ledger.mailing, [anne.id]),
        lambda: amended(ledger),
    ]
    for step in steps if before else reversed(steps):
        assert step() == 1
    again = {one.inputs.email: printed(ledger, one) for one in claimed(ledger.engine, worker)}
    assert again[ANNE] == first
    assert b"La digue tient 1." in again[BORIS]
    assert len(claimed(ledger.engine, worker)) == 0


def accepted(ledger: Ready) -> None:
    claims = claimed(ledger.engine, joined(ledger.engine))
    marked(ledger.engine, claims)
    settled(ledger.engine, claims, ACCEPTED)


def test_what_cannot_be_amended_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    as_it_was = mailing(ledger)
    half = replace(corrected(), editions={("free", "fr"): seal().editions["free", "fr"]})
    for sealed, why in (
        (replace(corrected(), digest="0" * 64), "sends already"),
        (replace(corrected(), key=replace(KEY, slug="autre")), "and not"),
        (half, "paid/fr"),
    ):
        with pytest.raises(Refused, match=why):
            amended(ledger, sealed)
        assert mailing(ledger) == as_it_was
    accepted(ledger)
    with pytest.raises(Refused, match="nobody waits"):
        amended(ledger)
    assert mailing(ledger) == as_it_was
    cancel(ledger.engine, ledger.mailing)
    with pytest.raises(Refused, match="nothing left to correct"):
        amended(ledger)


def test_the_ledger_says_which_approval_each_edition_is_of(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    amended(ledger)
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(mailing_editions.c.version, mailing_editions.c.seal).distinct())
        assert sorted((row.version, row.seal) for row in rows) == [(1, "0" * 64), (2, "1" * 64)]
        row = connection.execute(select(mailings)).one()
    assert row.seal == "1" * 64
    assert row.amended_at >= row.opened_at
